//! The sentences that clients receive, in the contract's French. U+00A0 stands where the original has it.

use crate::doors::Unread;
use crate::picture::Fault;

pub(super) const REQUIRED: &str = "Ce champ est obligatoire.";
pub(super) const BLANK: &str = "Ce champ ne peut être vide.";
pub(super) const NULL: &str = "Ce champ ne peut être nul.";
pub(super) const NOT_A_STRING: &str = "Not a valid string.";
pub(super) const NOT_A_BOOLEAN: &str = "Must be a valid boolean.";
pub(super) const NOT_A_NUMBER: &str = "Un nombre valide est requis.";
pub(super) const NOT_AN_INTEGER: &str = "Un nombre entier valide est requis.";
pub(super) const FULL: &str = "Jauge atteinte : Evenement complet.";
pub(super) const OVER_LIMIT: &str = "Quantitée de réservations suppérieure au maximum autorisé";
pub(super) const NOT_A_MEMBER: &str = "L'utilisateur n'est pas membre";
pub(super) const LOGIN_NEEDED: &str = "Ce tarif est réservé aux adhérents : connectez-vous.";
pub(super) const NO_HOLDER_NAME: &str = "customers name not find in ticket";
pub(super) const HOLDERS_MISSING: &str = "customers number not equal to ticket qty";
pub(super) const NO_TICKET: &str = "pas de billet dans la reservation";
pub(super) const PROMO_UNKNOWN: &str = "Ce code promotionnel n'existe pas.";
pub(super) const PROMO_NOT_YET: &str = "Ce code promotionnel n'est pas encore valable.";
pub(super) const PROMO_OVER: &str = "Ce code promotionnel a expiré.";
pub(super) const PROMO_USED_UP: &str = "Ce code promotionnel est épuisé.";
pub(super) const PROMO_USED_BY_PERSON: &str = "Vous avez déjà utilisé ce code promotionnel.";
pub(super) const PROMO_NOT_FOR_THIS: &str =
    "Ce code promotionnel ne s'applique pas à ces articles.";
pub(super) const BAD_CODE: &str = "Un code est fait de 1 à 50 caractères visibles, sans espace.";
pub(super) const CODE_TAKEN: &str = "Un code promotionnel actif porte déjà ce nom.";
pub(super) const ONE_CUT: &str = "Donnez soit percent, soit amount.";
pub(super) const USES_TAKEN: &str = "Ce code a déjà servi plus de fois que cela.";
pub(super) const FEE_TAKEN: &str =
    "D'autres frais de ce nom ont la même portée et valent déjà pour ces prix.";
pub(super) const FEE_FOR_ALL: &str =
    "Ces frais valent pour tout le lieu : scope_id doit rester vide.";
pub(super) const MAXIMUM_BELOW: &str = "Le maximum doit être supérieur ou égal au minimum.";
pub(super) const BAND_ENDS_BEFORE: &str = "price_to doit être supérieur ou égal à price_from.";
pub(super) const AMOUNT_FIXED: &str = "Le montant de ce tarif n'est pas libre.";
pub(super) const NO_ITEM: &str = "La commande est vide.";
pub(super) const ORDER_PARTLY_PAID: &str =
    "Une partie de la commande est déjà payée : elle ne peut plus être modifiée.";
pub(super) const CHANGE_TOO_LATE: &str = "Il est trop tard pour modifier la commande : ce qu'elle réserve n'a pas changé et peut encore être payé.";
pub(super) const NOT_SOLD: &str = "Article non disponible";
pub(super) const ONE_OPTION: &str = "Une seule de ces options peut être choisie.";
pub(super) const STOCK_TAKEN: &str = "Plus de pièces que cela sont déjà vendues ou réservées.";
pub(super) const EVENT_OVER: &str = "L'évènement est passé.";
pub(super) const SEATS_SOLD: &str = "Des billets sont vendus ou réservés : POST /api/events/<uuid>/cancel/ annule l'évènement, rembourse et prévient tout le monde.";
pub(super) const NOT_PUBLISHED: &str = "L'évènement n'est pas publié.";
pub(super) const WAITS_ALREADY: &str = "Cette personne est déjà en liste d'attente.";
pub(super) const PROVE_FIRST: &str = "Trop d'adresses attendent d'être confirmées. Confirmez d'abord la vôtre par le lien qui vient de vous être envoyé.";
pub(super) const WAITING_FULL: &str = "La liste d'attente est complète.";
pub(super) const BAD_KEY: &str = "Idempotency-Key doit contenir de 1 à 255 caractères visibles.";
pub(super) const KEY_REUSED: &str = "Cette Idempotency-Key a déjà servi à une autre demande.";
pub(super) const NO_CHECKOUT: &str = "checkout strip not valid";
pub(super) const NO_MEMBER_CHECKOUT: &str = "new_paiement_stripe not valid";
pub(super) const BAD_SIGNATURE: &str = "La signature n'est pas valide.";
pub(super) const BAD_EVENT: &str = "Cet évènement n'est pas lisible.";
pub(super) const NOTHING_AWAITED: &str = "Pouple";
pub(super) const PAID: &str = "Paiement validé.";
pub(super) const PAID_AND_SENT: &str = "Paiement validé. Billets envoyés par mail.";
pub(super) const PAID_AND_SENDING: &str =
    "Paiement validé. Création des billets et envoi par mail en cours.";
pub(super) const UNPAID: &str = "stripe : unpaid - paiement : W";
pub(super) const UNPAID_IN_TIME: &str = "stripe : unpaid - paiement : E";
pub(super) const PAID_BACK: &str = "stripe : paid - paiement : R";
pub(super) const WRONG_META: &str = "Erreur Meta";
pub(super) const MAIL_FAILED: &str = "Erreur dans l'envoi du mail. Merci de vérifier l'adresse";
pub(super) const TICKET_USED: &str = "Un des billets a déjà été scanné.";
pub(super) const NOT_OWED: &str = "Rien n'est dû, ou le remboursement a déjà été remis.";
pub(super) const BAD_TICKET: &str = "Ticket non valide";
pub(super) const BAD_QR: &str = "Ce code n'est pas celui d'un billet.";
pub(super) const NO_RENEWAL: &str = "Pas de renouvellement automatique sur cette adhésion.";
pub(super) const NO_CASHLESS: &str = "Serveur cashless non présent dans configuration";
pub(super) const CONFIRM_EMAIL: &str = "Pour acceder à votre espace et réservations, merci de valider votre adresse email. Pensez à regarder dans les spams !";
pub(super) const OTHER_DEVICE: &str = "AssertionError";
pub(super) const BAD_PROOF: &str = "Token non valide";
pub(super) const BAD_PROOF_OF: &str = "Token non valide. DoesNotExist";
pub(super) const PASSWORD_SET: &str = "Password set";
pub(super) const PASSWORD_SHORT: &str = "Password trop court";
pub(super) const PASSWORD_KNOWN: &str = "Not allowed";
pub(super) const HOOK_TAKEN: &str = "Cette adresse reçoit déjà cet évènement.";
pub(super) const HOOKS_FULL: &str = "Vingt webhooks au plus.";
pub(super) const MAIL_AGAIN: &str = "Les billets sont envoyés par mail.";
pub(super) const NOT_A_MOMENT: &str = "La date + heure n'a pas le bon format. Utilisez un des formats suivants à la place : YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
pub(super) const NOT_A_DAY: &str =
    "La date n'a pas le bon format. Utilisez un des formats suivants à la place : YYYY-MM-DD.";
pub(super) const DAYS_EMPTY: &str =
    "La période doit finir après son début : le jour de « to » n'en fait pas partie.";
pub(super) const DAYS_TOO_LONG: &str = "La période ne peut dépasser dix ans.";
pub(super) const COLUMN_TWICE: &str = "Une colonne est demandée deux fois.";
pub(super) const OUT_OF_TIME: &str = "La date doit se trouver entre 1970 et 2199.";
pub(super) const ENDS_BEFORE: &str = "La fin doit suivre le début.";
pub(super) const UNTIL_OR_COUNT: &str = "Soit until, soit count est obligatoire.";
pub(super) const NO_DATE: &str = "La règle ne donne aucune date.";
pub(super) const NOT_A_MAC: &str = "Une adresse MAC (xx:xx:xx:xx:xx:xx) est attendue.";
pub(super) const NOT_AN_IP: &str = "Saisissez une adresse IPv4 ou IPv6 valide.";
pub(super) const BAD_FILES: &str = "Mauvais fichiers";
pub(super) const BAD_LINES: &str = "Mauvais formatage de fichier.";
pub(super) const CARDS_LOADED: &str = "Cartes chargées";
pub(super) const CARDS_REGISTERED: &str = "poulpe";
pub(super) const OTHER_BATCH: &str = "erreur url carte != detail uuid";
pub(super) const BATCH_TAKEN: &str =
    "Les champs base_url, generation doivent former un ensemble unique.";
pub(super) const NOT_A_LIST: &str = "Une liste est attendue.";
pub(super) const NO_EVENT_NAME: &str = "if not 'artist', 'name' is required";
pub(super) const EVENT_TAKEN: &str = "Les champs name, datetime doivent former un ensemble unique.";
pub(super) const PRODUCTS_MISSING: &str = "products doit être un json valide";
pub(super) const GAUGE_TAKEN: &str = "Plus de places que cela sont déjà réservées.";
pub(super) const NOT_AN_EMAIL: &str = "Saisissez une adresse e-mail valide.";
pub(super) const NOT_A_LINK: &str = "Saisissez une URL valide.";
pub(super) const STRING_TOO_LONG: &str = "Chaîne de caractères trop longue.";
pub(super) const NUL_CHARACTER: &str = "Le caractère nul n’est pas autorisé.";
pub(super) const SURROGATE: &str = "Les caractères de substitution ne sont pas autorisés.";
pub(super) const NOT_A_FILE: &str =
    "La donnée soumise n'est pas un fichier. Vérifiez le type d'encodage du formulaire.";
pub(super) const EMPTY_FILE: &str = "Le fichier soumis est vide.";
pub(super) const NOT_AN_IMAGE: &str = "Transférez une image valide. Le fichier que vous avez transféré n'est pas une image, ou il est corrompu.";
pub(super) const NO_IMAGE: &str =
    "img doit contenir un fichier, ou img_url doit contenir une url valide";
pub(super) const NO_LOGO: &str =
    "img doit contenir un fichier, ou logo_url doit contenir une url valide";
pub(super) const CASHLESS_TAKEN: &str = "Un article d'adhésion vers le cashless existe déja.";
pub(super) const PRODUCT_TAKEN: &str = "Un objet Produit avec ce champ Nom existe déjà.";
pub(super) const OPTION_TAKEN: &str = "Un objet Option Ticket avec ce champ name existe déjà.";
pub(super) const PRICE_TAKEN: &str = "Les champs name, product doivent former un ensemble unique.";
pub(super) const PERIOD_MISSING: &str =
    "error fields subscription_type - Une adhésion doit avoir une durée de validité.";
pub(super) const NO_DATA: &str = "No data provided";
pub(super) const NO_CATEGORY: &str = "categorie est obligatoire";
pub(super) const WRONG_CATEGORY: &str = "categorie ne correspond pas à l'url";
pub(super) const MAY_NOT_FOUND: &str =
    "Vous n'avez pas la permission de créer de nouvelles instances sur ce serveur.";
pub(super) const UNAUTHENTICATED: &str = "Informations d'authentification non fournies.";
pub(super) const NOT_ADMIN: &str = "No admin in tenant";
pub(super) const NOT_FOUND: &str = "Pas trouvé.";
pub(super) const NOT_ACCEPTABLE: &str = "L'en-tête « Accept » n'a pas pu être satisfaite.";
pub(super) const BAD_TOKEN: &str = "Le jeton est invalide ou expiré";
pub(super) const BAD_TOKEN_TYPE: &str = "Le type de jeton fourni n'est pas valide";
pub(super) const BAD_HEADER: &str =
    "L'en-tête 'Authorization' doit contenir deux valeurs séparées par des espaces";
pub(super) const INACTIVE: &str = "L'utilisateur est désactivé";
pub(super) const GONE: &str = "L'utilisateur n'a pas été trouvé";
pub(super) const NO_ACCOUNT: &str =
    "Aucun compte actif n'a été trouvé avec les identifiants fournis";
pub(super) const TOO_MANY: &str = "Requête ralentie : trop d'échecs. Réessayez dans une minute.";
pub(super) const TOO_MANY_ASKS: &str =
    "Requête ralentie : trop de demandes. Réessayez dans une minute.";
pub(super) const NOT_ALLOWED: &str = "Not Allowed";

/// Why a request was not read to its end.
pub(super) fn unread(why: Unread) -> String {
    match why {
        Unread::Broken => "La requête ne peut pas être lue.".to_owned(),
        Unread::Late(seconds) => {
            format!("Le corps de la requête n'est pas arrivé en {seconds} secondes.")
        }
        Unread::TooLong(bytes) => format!("Le corps de la requête dépasse {bytes} octets."),
        Unread::Expectation => "Seul 100-continue peut être attendu.".to_owned(),
        Unread::TooManyHeaders(count) => format!("La requête a plus de {count} en-têtes."),
        Unread::Busy => "busy".to_owned(),
    }
}

pub(super) fn too_long(max: usize) -> String {
    format!("Assurez-vous que ce champ comporte au plus {max}\u{a0}caractères.")
}

pub(super) fn too_large(max: impl std::fmt::Display) -> String {
    format!("Assurez-vous que cette valeur est inférieure ou égale à\u{a0}{max}.")
}

pub(super) fn too_small(min: impl std::fmt::Display) -> String {
    format!("Assurez-vous que cette valeur est supérieure ou égale à\u{a0}{min}.")
}

pub(super) fn too_precise(digits: u32) -> String {
    format!("Assurez-vous qu'il n'y a pas plus de {digits}\u{a0}chiffres après la virgule.")
}

pub(super) fn not_a_choice(value: &str) -> String {
    format!("«\u{a0}{value}\u{a0}» n'est pas un choix valide.")
}

pub(super) fn not_one_of(value: &str, choices: &[&str]) -> String {
    let choices = choices.join("\u{a0}» «\u{a0}");
    format!(
        "«\u{a0}{value}\u{a0}» n'est pas un choix valide. Les choix sont : «\u{a0}{choices}\u{a0}»."
    )
}

pub(super) fn not_a_zone(value: &str) -> String {
    format!(
        "«\u{a0}{value}\u{a0}» n'est pas un fuseau horaire, comme Europe/Paris ou Indian/Reunion."
    )
}

pub(super) fn no_setting(name: &str) -> String {
    let name: String = name.chars().take(50).collect();
    format!("«\u{a0}{name}\u{a0}» n'est pas un réglage.")
}

pub(super) fn not_a_uuid(value: &str) -> String {
    format!("La valeur «\u{a0}{value}\u{a0}» n’est pas un UUID valide.")
}

pub(super) fn no_such_key(value: &str) -> String {
    format!("Clé primaire «\u{a0}{value}\u{a0}» non valide - l'objet n'existe pas.")
}

pub(super) fn wrong_key_type(kind: &str) -> String {
    format!("Type incorrect. Attendait une clé primaire, a reçu {kind}.")
}

pub(super) const NO_TICKETS: &str = "Cet événement n'a aucun billet à imprimer.";

pub(super) fn too_many_tickets(max: u32) -> String {
    format!("Une impression de cette forme comporte au plus {max}\u{a0}billets.")
}

pub(super) fn list_too_long(max: usize) -> String {
    format!("Assurez-vous que cette liste comporte au plus {max}\u{a0}éléments.")
}

pub(super) fn no_column(name: &str, all: &str) -> String {
    format!("«\u{a0}{name}\u{a0}» n'est pas une colonne. Les colonnes sont : {all}.")
}

pub(super) fn too_many_rows(max: u32) -> String {
    format!("Plus de {max} lignes : demandez une période plus courte.")
}

pub(super) fn too_many_dates(most: usize) -> String {
    format!("Une série comporte au plus {most}\u{a0}dates.")
}

/// `place` counts from 0.
pub(super) fn wrong_in_list(place: usize, name: &str, what: &str) -> String {
    format!("[{place}].{name} : {what}")
}

pub(super) fn no_price(id: &str) -> String {
    format!("price non trouvé : {id}")
}

pub(super) fn bad_quantity(name: &str, quantity: &str) -> String {
    format!("{name} doit être un entier ou un flottant : {quantity}")
}

/// `back`: when held places may come back.
pub(super) fn places_left(left: u32, back: Option<&str>) -> String {
    match back {
        Some(back) => {
            format!(
                "Il ne reste que {left} places disponibles. D'autres peuvent se libérer à partir de {back}."
            )
        }
        None => format!("Il ne reste que {left} places disponibles"),
    }
}

/// The same of goods.
pub(super) fn pieces_left(left: u32, back: Option<&str>) -> String {
    let left = match left {
        0 => "Cet article est épuisé.".to_owned(),
        left => format!("Il n'en reste que {left}."),
    };
    match back {
        Some(back) => format!("{left} D'autres peuvent se libérer à partir de {back}."),
        None => left,
    }
}

pub(super) fn option_not_offered(name: &str) -> String {
    format!("Option {name} non disponible dans event")
}

pub(super) fn seats_free(free: u32) -> String {
    format!("Il reste des places ({free}) : réservez, sans attendre.")
}

pub(super) fn order_is(state: &str) -> String {
    let state = match state {
        "held" => "en attente",
        "paid" => "payée",
        "expired" => "expirée",
        "cancelled" => "annulée",
        "refunded" => "remboursée",
        other => other,
    };
    format!("La commande est {state}.")
}

/// `until`: until when buyers could cancel.
pub(super) fn too_late(until: Option<&str>) -> String {
    match until {
        Some(until) => format!("L'annulation était possible jusqu'au {until}."),
        None => "Ce lieu ne permet pas d'annuler en ligne : contactez-le.".to_owned(),
    }
}

pub(super) fn amount_due(due: impl std::fmt::Display) -> String {
    format!("Le montant doit se trouver entre 0.01 et {due}.")
}

pub(super) fn amount_outside(least: impl std::fmt::Display) -> String {
    format!(
        "Le montant de ce tarif doit se trouver entre {least} et {}.",
        crate::values::Money::MAX
    )
}

/// What is wrong with a part of an element of a list.
pub(super) fn part(name: &str, what: &str) -> String {
    format!("{name} : {what}")
}

pub(super) fn valid_until(day: &str) -> String {
    format!("Un abonnement sur ce mail existe déjà et est valide jusque : {day}")
}

pub(super) fn not_found(id: &str, thing: &str) -> String {
    format!("{id} {thing} non trouvé")
}

pub(super) fn no_artist(id: &str) -> String {
    not_found(id, "Artiste")
}

pub(super) fn not_an_object(kind: &str) -> String {
    format!("Donnée non valide. Attendait un dictionnaire, a reçu {kind}.")
}

pub(super) fn wrong_method(method: &str) -> String {
    format!("Méthode «\u{a0}{method}\u{a0}» non autorisée.")
}

pub(super) fn wrong_media_type(media_type: &str) -> String {
    format!("Type de média «\u{a0}{media_type}\u{a0}» non supporté.")
}

pub(super) fn bad_json(fault: impl std::fmt::Display) -> String {
    format!("JSON parse error - {fault}")
}

pub(super) fn bad_multipart(fault: impl std::fmt::Display) -> String {
    format!("Multipart form parse error - {fault}")
}

pub(super) fn image_too_large(width: u32, height: u32) -> String {
    format!(
        "The image you uploaded is too large. The required maximum resolution is: {width}x{height} px."
    )
}

pub(super) fn too_many_pixels(limit: u64) -> String {
    format!(
        "The image you uploaded is too large. The required maximum resolution is: {} megapixels.",
        limit / 1_000_000
    )
}

pub(super) fn image_too_small(width: u32, height: u32) -> String {
    format!(
        "The image you uploaded is too small. The required minimum resolution is: {width}x{height} px."
    )
}

pub(super) fn bad_image_address(address: &str, why: impl std::fmt::Display) -> String {
    format!("{address} doit contenir une url d'image valide : {why}")
}

/// Why an address names none.
pub(super) fn no_picture(fault: Fault) -> String {
    match fault {
        Fault::TooManyPixels { limit } => {
            format!("l'image est trop grande, au plus {} mégapixels", limit / 1_000_000)
        }
        _ => "ce n'est pas une image".to_owned(),
    }
}

pub(super) fn exists_already(name: &str) -> String {
    format!("{name} existe d\u{e9}ja")
}

/// What a gate shows to whoever holds the device. `earlier`: the hour and the gate of the pass that stands in the way.
pub(super) fn refused_at_gate(outcome: &str, earlier: Option<(&str, &str)>) -> String {
    let before = match earlier {
        None => String::new(),
        Some((hour, "")) => format!(" à {hour}"),
        Some((hour, gate)) => format!(" à {hour} ({gate})"),
    };
    match outcome {
        "already_in" => format!("Déjà entré{before}."),
        "went_out" => format!("Sorti{before} : le retour n'est pas permis."),
        "not_in" if earlier.is_some() => format!("Déjà sorti{before}."),
        "not_in" => "N'est pas entré.".to_owned(),
        "inactive" => "Billet non payé, ou adresse non confirmée.".to_owned(),
        "void" => "Billet annulé.".to_owned(),
        "other_event" => "Billet d'un autre évènement.".to_owned(),
        "before_sale" => "Passage antérieur à la vente du billet.".to_owned(),
        "in_future" => "Passage dans le futur : l'horloge de l'appareil avance.".to_owned(),
        "forged" => "Code falsifié.".to_owned(),
        "unrecorded" => "Cet identifiant est celui d'un autre passage : non enregistré.".to_owned(),
        _ => "Billet inconnu.".to_owned(),
    }
}

pub(super) fn card_malformed(place: usize) -> String {
    format!("Carte {} : url, tag_id ou number mal formé.", place + 1)
}

pub(super) fn card_without_batch(place: usize) -> String {
    format!("Carte {} : aucun lot n'a cette adresse et cette génération.", place + 1)
}

pub(super) fn card_taken(place: usize) -> String {
    format!("Carte {} : une autre carte a cet uuid, ce tag_id ou ce number.", place + 1)
}
