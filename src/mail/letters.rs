//! What guichet writes to people, in their language: a subject, a text, and the same as HTML.
//!
//! What must stay true: what a person wrote is escaped in the HTML; the HTML loads nothing but the image of the venue's
//! look; text and HTML say the same. Amounts, dates and times come as text, written by whoever knows currency, zone and language. Sending,
//! and the letters that a venue would write itself, are deliberately absent.
//!
//! The words are in `templates/`, a file for each letter, language and form. French has a non-breaking space before
//! `! ? : ;` and inside « »: a test says where one is missing.

use askama::Template;

/// What a letter is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// As spoken in France.
    French,
    /// As spoken in Britain.
    English,
}

/// How the HTML looks: colours as a style writes them, and where an image is. Whoever fills it in vouches that none of
/// them ends a style or an attribute.
#[derive(Clone, Debug)]
pub struct Look {
    /// What stands out.
    pub accent: String,
    /// Of buttons.
    pub button: String,
    /// Of what is written on buttons.
    pub ink: String,
    /// Behind the letter.
    pub background: String,
    /// What stands above it.
    pub image: Option<String>,
}

/// Asks a person to prove their e-mail; the link does, and logs them in.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmEmail<'a> {
    /// Its name.
    pub venue: &'a str,
    /// Theirs alone.
    pub link: &'a str,
    /// What waits for that.
    pub held: Option<Held<'a>>,
}

/// What is lost unless the e-mail is proven.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// What was booked, at least one, as `2 × Jam, 12/03/2027 à 20:00`.
    pub lines: &'a [String],
    /// How many lines more.
    pub more: usize,
    /// Until when the first of it is held, as `12/03/2027 à 18:00`.
    pub until: &'a str,
}

/// Tells an administrator the digits that pair a device at the door.
#[derive(Clone, Copy, Debug)]
pub struct TerminalDigits<'a> {
    /// Whose house it is.
    pub venue: &'a str,
    /// What the device calls itself.
    pub device: &'a str,
    /// The six digits.
    pub digits: &'a str,
}

/// Invites a person to work with a venue; the link proves the e-mail.
#[derive(Clone, Copy, Debug)]
pub struct Invitation<'a> {
    /// Its name.
    pub venue: &'a str,
    /// Theirs alone.
    pub link: &'a str,
    /// What it is for: what the venue calls that, and its name.
    pub about: &'a [(String, String)],
}

/// Brings tickets; the PDF is attached by whoever sends.
#[derive(Clone, Copy, Debug)]
pub struct Tickets<'a> {
    /// Its name.
    pub venue: &'a str,
    /// Its name.
    pub event: &'a str,
    /// Day and time, written out.
    pub when: &'a str,
    /// Their numbers, at least one, and where each is on the web.
    pub tickets: &'a [(&'a str, &'a str)],
}

/// Thanks a new member.
#[derive(Clone, Copy, Debug)]
pub struct Membership<'a> {
    /// Its name.
    pub venue: &'a str,
    /// What was bought.
    pub product: &'a str,
    /// The last day, as `31 décembre 2026`; none for life.
    pub valid_until: Option<&'a str>,
}

/// Confirms that an order of goods alone is paid.
#[derive(Clone, Copy, Debug)]
pub struct OrderPaid<'a> {
    /// Its name.
    pub venue: &'a str,
    /// What was bought, at least one, as `2 × T-shirt (L)`.
    pub lines: &'a [String],
    /// How many lines more.
    pub more: usize,
    /// What was paid, with its currency.
    pub total: &'a str,
}

/// Says that an order is void.
#[derive(Clone, Copy, Debug)]
pub struct OrderCancelled<'a> {
    /// Its name.
    pub venue: &'a str,
    /// Names of what it held, at least one.
    pub held: &'a [String],
    /// What else it held.
    pub more: usize,
    /// What went back or is on its way, with its currency.
    pub refunded: Option<&'a str>,
    /// What is still to be handed over, with its currency.
    pub owed: Option<&'a str>,
}

impl OrderCancelled<'_> {
    /// What stands for all in a subject.
    fn first(&self) -> &str {
        self.held.first().map_or("", String::as_str)
    }

    /// What it held beside the first.
    const fn others(&self) -> usize {
        self.held.len().saturating_sub(1) + self.more
    }
}

/// What somebody on a waiting list waits for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Its name.
    pub event: &'a str,
    /// How many, at least one.
    pub places: u16,
    /// Where they see how it stands, how places are taken, and leave.
    pub link: &'a str,
}

/// Says that somebody is on a waiting list.
#[derive(Clone, Copy, Debug)]
pub struct WaitingJoined<'a> {
    /// Its name.
    pub venue: &'a str,
    /// What for.
    pub wish: Wish<'a>,
    /// The address is known to be theirs.
    pub proven: bool,
}

/// Offers places that became free.
#[derive(Clone, Copy, Debug)]
pub struct WaitingOffer<'a> {
    /// Its name.
    pub venue: &'a str,
    /// Which.
    pub wish: Wish<'a>,
    /// When the offer ends, as `12 mars 2027 à 18 h`.
    pub until: &'a str,
}

/// Reminds a member that the membership ends soon.
#[derive(Clone, Copy, Debug)]
pub struct MembershipEnds<'a> {
    /// Its name.
    pub venue: &'a str,
    /// What was bought.
    pub product: &'a str,
    /// The last day, as `31 décembre 2026`.
    pub valid_until: &'a str,
    /// Where it is renewed.
    pub link: &'a str,
}

/// Asks somebody to work for a venue, or says that he does from now on.
#[derive(Clone, Copy, Debug)]
pub struct Invite<'a> {
    /// Its name.
    pub venue: &'a str,
    /// The page that accepts it, and the token that does for programs; none where there is nothing left to accept.
    pub opens: Option<(&'a str, &'a str)>,
    /// What it is for: what the venue calls that, and its name.
    pub about: &'a [(String, String)],
}

/// A letter's `write`: its two subjects, made from it, and its four templates.
macro_rules! letter {
    ($name:ident, $french:expr, $english:expr, $fr_txt:literal, $fr_html:literal, $en_txt:literal, $en_html:literal) => {
        impl $name<'_> {
            /// The subject, the text and the HTML.
            #[must_use]
            pub fn write(&self, language: Language, look: &Look) -> (String, String, String) {
                #[derive(Template)]
                enum Page<'a> {
                    #[template(path = $fr_txt)]
                    FrenchText { letter: &'a $name<'a> },
                    #[template(path = $fr_html)]
                    FrenchHtml { letter: &'a $name<'a>, look: &'a Look },
                    #[template(path = $en_txt)]
                    EnglishText { letter: &'a $name<'a> },
                    #[template(path = $en_html)]
                    EnglishHtml { letter: &'a $name<'a>, look: &'a Look },
                }
                let (subject, text, html): (fn(&Self) -> String, _, _) = match language {
                    Language::French => (
                        $french,
                        Page::FrenchText { letter: self },
                        Page::FrenchHtml { letter: self, look },
                    ),
                    Language::English => (
                        $english,
                        Page::EnglishText { letter: self },
                        Page::EnglishHtml { letter: self, look },
                    ),
                };
                (subject(self), filled(&text), filled(&html))
            }
        }
    };
}

fn filled(page: &impl Template) -> String {
    page.render().expect("a String takes all, and no template has a filter that fails")
}

letter!(
    ConfirmEmail,
    // The contract's words, spaces included.
    |l| format!("{} : Confirmez votre email et connectez vous !", l.venue),
    |l| format!("{}: confirm your email and log in", l.venue),
    "confirm_email.fr.txt",
    "confirm_email.fr.html",
    "confirm_email.en.txt",
    "confirm_email.en.html"
);

letter!(
    Invitation,
    |l| format!("{}\u{a0}: une invitation pour vous", l.venue),
    |l| format!("{}: an invitation for you", l.venue),
    "invitation.fr.txt",
    "invitation.fr.html",
    "invitation.en.txt",
    "invitation.en.html"
);

letter!(
    Tickets,
    |l| match l.tickets {
        [_] => format!("{}\u{a0}: votre billet pour {}", l.venue, l.event),
        _ => format!("{}\u{a0}: vos billets pour {}", l.venue, l.event),
    },
    |l| match l.tickets {
        [_] => format!("{}: your ticket for {}", l.venue, l.event),
        _ => format!("{}: your tickets for {}", l.venue, l.event),
    },
    "tickets.fr.txt",
    "tickets.fr.html",
    "tickets.en.txt",
    "tickets.en.html"
);

letter!(
    Membership,
    |l| format!("{}\u{a0}: votre adhésion est enregistrée", l.venue),
    |l| format!("{}: welcome as a member", l.venue),
    "membership.fr.txt",
    "membership.fr.html",
    "membership.en.txt",
    "membership.en.html"
);

letter!(
    OrderPaid,
    |l| format!("{}\u{a0}: votre commande est payée", l.venue),
    |l| format!("{}: your order is paid", l.venue),
    "order_paid.fr.txt",
    "order_paid.fr.html",
    "order_paid.en.txt",
    "order_paid.en.html"
);

letter!(
    OrderCancelled,
    |l| match l.others() {
        0 => format!("{}\u{a0}: votre commande pour {} est annulée", l.venue, l.first()),
        1 => format!(
            "{}\u{a0}: votre commande pour {} et un autre article est annulée",
            l.venue,
            l.first()
        ),
        n => format!(
            "{}\u{a0}: votre commande pour {} et {n} autres articles est annulée",
            l.venue,
            l.first()
        ),
    },
    |l| match l.others() {
        0 => format!("{}: your order for {} is cancelled", l.venue, l.first()),
        n => format!("{}: your order for {} and {n} more is cancelled", l.venue, l.first()),
    },
    "order_cancelled.fr.txt",
    "order_cancelled.fr.html",
    "order_cancelled.en.txt",
    "order_cancelled.en.html"
);

letter!(
    WaitingJoined,
    |l| format!("{}\u{a0}: vous êtes en liste d’attente pour {}", l.venue, l.wish.event),
    |l| format!("{}: you are on the waiting list for {}", l.venue, l.wish.event),
    "waiting_joined.fr.txt",
    "waiting_joined.fr.html",
    "waiting_joined.en.txt",
    "waiting_joined.en.html"
);

letter!(
    Invite,
    |l| match l.opens {
        Some(_) => format!("{} vous invite à travailler", l.venue),
        None => format!("Vous travaillez désormais pour {}", l.venue),
    },
    |l| match l.opens {
        Some(_) => format!("{} invites you to work there", l.venue),
        None => format!("You work for {} from now on", l.venue),
    },
    "invite.fr.txt",
    "invite.fr.html",
    "invite.en.txt",
    "invite.en.html"
);

letter!(
    WaitingOffer,
    |l| match l.wish.places {
        1 => format!("{}\u{a0}: une place pour {} s’est libérée", l.venue, l.wish.event),
        places =>
            format!("{}\u{a0}: {places} places pour {} se sont libérées", l.venue, l.wish.event),
    },
    |l| match l.wish.places {
        1 => format!("{}: a place for {} is free", l.venue, l.wish.event),
        places => format!("{}: {places} places for {} are free", l.venue, l.wish.event),
    },
    "waiting_offer.fr.txt",
    "waiting_offer.fr.html",
    "waiting_offer.en.txt",
    "waiting_offer.en.html"
);

letter!(
    MembershipEnds,
    |l| format!("{}\u{a0}: votre adhésion se termine bientôt", l.venue),
    |l| format!("{}: your membership ends soon", l.venue),
    "membership_ends.fr.txt",
    "membership_ends.fr.html",
    "membership_ends.en.txt",
    "membership_ends.en.html"
);

letter!(
    TerminalDigits,
    |l| format!("{}\u{a0}: le code de l’appareil {}", l.venue, l.device),
    |l| format!("{}: the code of the device {}", l.venue, l.device),
    "terminal_digits.fr.txt",
    "terminal_digits.fr.html",
    "terminal_digits.en.txt",
    "terminal_digits.en.html"
);

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://example.org/a?b=1&c=2";

    fn look(image: Option<&str>) -> Look {
        Look {
            accent: "#1f4e79".to_owned(),
            button: "#ffcc00".to_owned(),
            ink: "#000000".to_owned(),
            background: "#f3f3f1".to_owned(),
            image: image.map(str::to_owned),
        }
    }

    /// Every letter in a language, with the same words in each.
    fn all(venue: &str, language: Language) -> Vec<(String, String, String)> {
        let (event, product, link) = (venue, venue, LINK);
        let (when, until, valid_until) = ("12 mars 2027, 20 h", "1er mars", "31 mars");
        let tickets =
            |tickets| Tickets { venue, event, when, tickets }.write(language, &look(None));
        let wish = |places| Wish { event, places, link };
        let held = [venue.to_owned(), "Slam".to_owned()];
        let about = ["Salle", "Bar"].map(|word| (word.to_owned(), venue.to_owned()));
        let cancelled = |held, more, refunded, owed| {
            OrderCancelled { venue, held, more, refunded, owed }.write(language, &look(None))
        };
        vec![
            ConfirmEmail { venue, link, held: None }.write(language, &look(None)),
            ConfirmEmail { venue, link, held: Some(Held { lines: &held[..1], more: 0, until }) }
                .write(language, &look(None)),
            ConfirmEmail { venue, link, held: Some(Held { lines: &held, more: 3, until }) }
                .write(language, &look(None)),
            Invitation { venue, link, about: &[] }.write(language, &look(None)),
            tickets(&[("A-1", link)]),
            tickets(&[("A-1", link), (venue, link)]),
            Membership { venue, product, valid_until: Some(valid_until) }
                .write(language, &look(None)),
            Membership { venue, product, valid_until: None }.write(language, &look(None)),
            OrderPaid { venue, lines: &held[..1], more: 0, total: "12,50 €" }
                .write(language, &look(None)),
            OrderPaid { venue, lines: &held, more: 3, total: "12,50 €" }
                .write(language, &look(None)),
            cancelled(&held[..1], 0, None, None),
            cancelled(&held, 0, Some("12,50 €"), None),
            cancelled(&held, 1, None, Some("12,50 €")),
            cancelled(&held, 7, Some("12,50 €"), Some("5,00 €")),
            WaitingJoined { venue, wish: wish(1), proven: false }.write(language, &look(None)),
            WaitingJoined { venue, wish: wish(2), proven: true }.write(language, &look(None)),
            WaitingOffer { venue, wish: wish(1), until }.write(language, &look(None)),
            WaitingOffer { venue, wish: wish(3), until }.write(language, &look(None)),
            MembershipEnds { venue, product, valid_until, link }.write(language, &look(None)),
            TerminalDigits { venue, device: "porte-1", digits: "012345" }
                .write(language, &look(None)),
            Invitation { venue, link, about: &about }.write(language, &look(None)),
            Invite { venue, opens: Some((link, "0192f0a0.AbCd")), about: &[] }
                .write(language, &look(None)),
            Invite { venue, opens: Some((link, "0192f0a0.AbCd")), about: &about }
                .write(language, &look(None)),
            Invite { venue, opens: None, about: &about[..1] }.write(language, &look(None)),
        ]
    }

    /// The words of a page as a reader sees them.
    fn seen(html: &str) -> Vec<String> {
        let body = html.split_once("<body").unwrap().1.split_once('>').unwrap().1;
        let mut words = String::new();
        for part in body.split('<') {
            words.push_str(part.split_once('>').map_or(part, |(_, text)| text));
            words.push(' ');
        }
        let words = words.replace("&nbsp;", "\u{a0}").replace("&#38;", "&");
        words.split_ascii_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_subject_of_the_contract_is_exact() {
        let (subject, text, _) = ConfirmEmail { venue: "Le Foo", link: LINK, held: None }
            .write(Language::French, &look(None));
        assert_eq!(subject, "Le Foo : Confirmez votre email et connectez vous !");
        assert!(text.lines().any(|line| line == LINK), "{text}");
    }

    #[test]
    fn what_people_wrote_is_escaped_in_html_alone() {
        let evil = "<img src=x onerror=a()> & \"'";
        for language in [Language::French, Language::English] {
            for (subject, text, html) in all(evil, language) {
                assert!(subject.contains(evil) && text.contains(evil), "{text}");
                assert!(!html.contains("<img") && html.contains("&#60;img src=x"), "{html}");
                assert!(!html.contains("\"'"), "{html}");
            }
        }
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        for (_, _, html) in
            all("Foo", Language::French).iter().chain(&all("Foo", Language::English))
        {
            for loads in ["src=", "url(", "<link", "<script", "@import", "background=", "<style"] {
                assert!(!html.contains(loads), "{loads} {html}");
            }
        }
    }

    #[test]
    fn a_letter_is_drawn_in_the_colours_of_the_venue_below_its_image() {
        let image = "https://example.org/media/a.png?x=1&y=2";
        let letter = ConfirmEmail { venue: "Le Foo", link: LINK, held: None };
        let (_, text, html) = letter.write(Language::French, &look(Some(image)));
        for style in ["solid #1f4e79", "background:#ffcc00; color:#000000", "background:#f3f3f1"] {
            assert!(html.contains(style), "{style} {html}");
        }
        assert!(
            html.contains("<img src=\"https://example.org/media/a.png?x=1&#38;y=2\""),
            "{html}"
        );
        assert!(html.matches("src=").count() == 1 && !text.contains(image));
    }

    #[test]
    fn french_has_its_spaces() {
        for (_, text, html) in all("Foo", Language::French) {
            for words in [text.clone(), seen(&html).join(" ")] {
                let letters: Vec<char> = words.chars().collect();
                for (at, c) in letters.iter().enumerate() {
                    let ends = letters.get(at + 1).is_none_or(|c| c.is_whitespace());
                    let right = match c {
                        '!' | '?' | ':' | ';' if ends => letters[at - 1] == '\u{a0}',
                        '»' => letters[at - 1] == '\u{a0}',
                        '«' => letters[at + 1] == '\u{a0}',
                        '\'' => false,
                        _ => true,
                    };
                    assert!(right, "{c} in {words}");
                }
            }
        }
    }

    #[test]
    fn text_and_html_say_the_same() {
        for language in [Language::French, Language::English] {
            for (_, text, html) in all("Foo", language) {
                let page = seen(&html);
                let words = text.split_ascii_whitespace().filter(|w| !["-", LINK].contains(w));
                for word in words {
                    assert!(page.iter().any(|seen| seen == word), "{word}: {html}");
                }
                assert_eq!(
                    text.contains(LINK),
                    html.contains("href=\"https://example.org/a?b=1&#38;c=2\"")
                );
                assert!(!text.contains("\n\n\n") && text.starts_with(['B', 'H']), "{text}");
            }
        }
    }
}
