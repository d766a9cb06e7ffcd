//! A stateful Stripe to test against: Checkout, refunds, customers, their portal and signed events, as docs.stripe.com describes them. Whoever holds
//! it pays, lets pages end, tampers, and says when it is to fail.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet::values::Time;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tiny_http::{Header, Method, Request, Response, Server};

pub(crate) const KEY: &str = "sk_test_peer";
pub(crate) const SECRET: &str = "whsec_peer";

/// How the next question is to fail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// Answers this status, and does nothing.
    Status(u16),
    /// Does nothing and never answers.
    Silent,
    /// Does what it is asked and never answers.
    DoneSilent,
    /// Does what it is asked and answers with an address that is a script.
    Script,
    /// Does what it is asked and answers with the id of its first session.
    Again,
}

/// One question that was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) form: BTreeMap<String, String>,
}

type Form = BTreeMap<String, String>;

#[derive(Default)]
struct State {
    sessions: BTreeMap<String, Value>,
    /// By payment intent: paid, and sent back.
    intents: BTreeMap<String, (i64, i64)>,
    /// By payment intent: what is kept with it.
    kept_with: BTreeMap<String, Value>,
    refunds: Vec<Value>,
    customers: BTreeMap<String, Value>,
    /// What was answered to a key: the path, the form, the status, the body.
    kept: HashMap<String, (String, Form, u16, Value)>,
    troubles: VecDeque<Trouble>,
    asked: Vec<Asked>,
    unanswered: Vec<Request>,
    serial: u32,
}

/// The peer; it ends when it is dropped.
pub(crate) struct Peer {
    server: Arc<Server>,
    state: Arc<Mutex<State>>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.unblock();
        self.state().unanswered.clear();
    }
}

impl Peer {
    pub(crate) fn new() -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let state = Arc::<Mutex<State>>::default();
        let (listening, shared) = (server.clone(), state.clone());
        std::thread::spawn(move || {
            for request in listening.incoming_requests() {
                answer(&shared, request);
            }
        });
        Self { server, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// Lets the next questions fail so, one after the other.
    pub(crate) fn fails(&self, troubles: &[Trouble]) {
        self.state().troubles.extend(troubles);
    }

    /// The questions whose path begins so.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        self.state().asked.iter().filter(|asked| asked.path.starts_with(path)).cloned().collect()
    }

    /// The session whose page this is.
    pub(crate) fn session_at(&self, url: &str) -> String {
        let state = self.state();
        let found = state.sessions.iter().find(|(_, session)| session["url"] == url);
        found.unwrap_or_else(|| panic!("no page {url}")).0.clone()
    }

    pub(crate) fn sessions(&self) -> Vec<Value> {
        self.state().sessions.values().cloned().collect()
    }

    pub(crate) fn customers(&self) -> Vec<Value> {
        self.state().customers.values().cloned().collect()
    }

    pub(crate) fn refunds(&self) -> Vec<Value> {
        self.state().refunds.clone()
    }

    /// The sessions that were paid, and how much.
    pub(crate) fn paid(&self) -> Vec<(String, i64)> {
        let paid = |session: &Value| {
            let amount =
                session["amount_total"].as_i64().filter(|_| session["payment_status"] == "paid");
            Some((session["id"].as_str()?.to_owned(), amount?))
        };
        self.sessions().iter().filter_map(paid).collect()
    }

    /// The buyer pays.
    pub(crate) fn pay(&self, id: &str) {
        let mut state = self.state();
        let intent = state.name("pi");
        let session = state.sessions.get_mut(id).unwrap();
        assert_eq!(session["status"], "open", "{session}");
        let amount = session["amount_total"].as_i64().unwrap();
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        session["payment_intent"] = json!(intent);
        session["url"] = Value::Null;
        let kept = session["payment_intent_data"]["metadata"].clone();
        state.kept_with.insert(intent.clone(), kept);
        state.intents.insert(intent, (amount, 0));
    }

    /// Somebody gives back so much of a session's payment in Stripe's own pages; what Stripe tells of it.
    pub(crate) fn give_back(&self, id: &str, amount: i64) -> String {
        let mut state = self.state();
        let intent = state.sessions[id]["payment_intent"].as_str().unwrap().to_owned();
        let form = [("payment_intent", intent.as_str()), ("amount", &amount.to_string())];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (status, refund) = state.refund(&form.into());
        assert_eq!(status, 200, "{refund}");
        state.refunds.last_mut().unwrap()["metadata"] = json!({});
        let (paid, back) = state.intents[&intent];
        let charge = json!({
            "object": "charge", "payment_intent": intent, "amount": paid, "amount_refunded": back, "currency": "eur",
            "refunded": paid == back, "metadata": state.kept_with[&intent],
        });
        event_of("charge.refunded", &charge)
    }

    /// The page's time is over.
    pub(crate) fn end(&self, id: &str) {
        let mut state = self.state();
        let session = state.sessions.get_mut(id).unwrap();
        session["status"] = json!("expired");
        session["url"] = Value::Null;
    }

    /// A day is over: no key is known any more.
    pub(crate) fn forget(&self) {
        self.state().kept.clear();
    }

    /// Puts another value in the place of one of a session's.
    pub(crate) fn tamper(&self, id: &str, pointer: &str, value: Value) {
        let mut state = self.state();
        *state.sessions.get_mut(id).unwrap().pointer_mut(pointer).unwrap() = value;
    }

    /// An event about a session, as it stands.
    pub(crate) fn event(&self, kind: &str, id: &str) -> String {
        let mut state = self.state();
        let name = state.name("evt");
        let object = state.sessions[id].clone();
        json!({ "id": name, "object": "event", "type": kind, "data": { "object": object } })
            .to_string()
    }
}

/// An event about anything.
pub(crate) fn event_of(kind: &str, object: &Value) -> String {
    json!({ "id": "evt_test", "object": "event", "type": kind, "data": { "object": object } })
        .to_string()
}

/// `Stripe-Signature` of a body, so many seconds ago.
pub(crate) fn signature(secret: &str, body: &str, seconds_ago: i64) -> String {
    let at = Time::now().seconds() - seconds_ago;
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signed = crypto::sign(format!("{at}.{body}").as_bytes(), &key, Algorithm::HS256).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signed).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

fn answer(state: &Mutex<State>, mut request: Request) {
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body).unwrap();
    let header = |name: &'static str| {
        let found = request.headers().iter().find(|header| header.field.equiv(name));
        found.map(|header| header.value.as_str().to_owned())
    };
    let form: Form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let (path, key) = (request.url().to_owned(), header("Idempotency-Key"));
    let mut state = state.lock().unwrap();
    state.asked.push(Asked { path: path.clone(), key: key.clone(), form: form.clone() });
    let known = header("Authorization").as_deref() == Some(&format!("Bearer {KEY}"));
    let trouble = state.troubles.pop_front();
    let (status, mut body) = match trouble {
        Some(Trouble::Silent) => return state.unanswered.push(request),
        Some(Trouble::Status(status)) => fault(status, "api_error", "", "a bad day"),
        _ if !known => fault(401, "invalid_request_error", "", "Invalid API Key provided"),
        _ if header("Stripe-Version").is_none() => {
            fault(400, "invalid_request_error", "", "version")
        }
        _ => state.once(request.method(), &path, key, form),
    };
    match trouble {
        Some(Trouble::DoneSilent) => return state.unanswered.push(request),
        Some(Trouble::Script) => body["url"] = json!("javascript:alert(1)"),
        Some(Trouble::Again) => body["id"] = json!(state.sessions.keys().next()),
        _ => {}
    }
    let json = Header::from_bytes("Content-Type", "application/json").unwrap();
    let response = Response::from_string(body.to_string()).with_status_code(status);
    drop(state);
    drop(request.respond(response.with_header(json)));
}

fn fault(status: u16, kind: &str, code: &str, message: &str) -> (u16, Value) {
    (status, json!({ "error": { "type": kind, "code": code, "message": message } }))
}

fn wrong(code: &str, message: &str) -> (u16, Value) {
    fault(400, "invalid_request_error", code, message)
}

impl State {
    fn name(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{kind}_test_{:04}", self.serial)
    }

    /// What was answered to a key is answered again; another question under it is refused. A question that is refused as
    /// it stands keeps nothing.
    fn once(
        &mut self,
        method: &Method,
        path: &str,
        key: Option<String>,
        form: Form,
    ) -> (u16, Value) {
        if let Some((kept_path, kept_form, status, body)) =
            key.as_ref().and_then(|key| self.kept.get(key))
        {
            if (kept_path.as_str(), kept_form) == (path, &form) {
                return (*status, body.clone());
            }
            return fault(
                400,
                "idempotency_error",
                "",
                "Keys for idempotent requests can only be used with the same parameters",
            );
        }
        let (status, body) = self.act(method, path, &form);
        if let Some(key) = key.filter(|_| status < 400) {
            self.kept.insert(key, (path.to_owned(), form, status, body.clone()));
        }
        (status, body)
    }

    fn act(&mut self, method: &Method, path: &str, form: &Form) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        match (method, parts.as_slice()) {
            (Method::Post, ["checkout", "sessions"]) => self.open(form),
            (Method::Get, ["checkout", "sessions", id]) => match self.sessions.get(*id) {
                Some(session) => (200, session.clone()),
                None => fault(404, "invalid_request_error", "resource_missing", "No such session"),
            },
            (Method::Post, ["checkout", "sessions", id, "expire"]) => {
                match self.sessions.get_mut(*id) {
                    Some(session) if session["status"] == "open" => {
                        session["status"] = json!("expired");
                        session["url"] = Value::Null;
                        (200, session.clone())
                    }
                    _ => wrong(
                        "",
                        "Only Checkout Sessions with a status in [\"open\"] can be expired.",
                    ),
                }
            }
            (Method::Post, ["customers"]) => self.customer(None, form),
            (Method::Post, ["customers", id]) => self.customer(Some(*id), form),
            (Method::Get, ["customers", id]) => match self.customers.get(*id) {
                Some(customer) => (200, customer.clone()),
                None => fault(404, "invalid_request_error", "resource_missing", "No such customer"),
            },
            (Method::Post, ["billing_portal", "sessions"]) => self.portal(form),
            (Method::Post, ["refunds"]) => self.refund(form),
            (Method::Get, ["refunds"]) => {
                let of = query.split('&').find_map(|part| part.strip_prefix("payment_intent="));
                let mine = |refund: &&Value| refund["payment_intent"].as_str() == of;
                let data: Vec<&Value> = self.refunds.iter().filter(mine).rev().collect();
                (200, json!({ "object": "list", "data": data, "has_more": false }))
            }
            _ => fault(404, "invalid_request_error", "", "Unrecognized request URL"),
        }
    }

    fn open(&mut self, form: &Form) -> (u16, Value) {
        let said = |name: &str| form.get(name).map_or("", String::as_str);
        let number = |name: &str| said(name).parse::<i64>().unwrap_or(-1);
        let left = number("expires_at") - Time::now().seconds();
        if !(30 * 60..=24 * 3_600).contains(&left) {
            return wrong(
                "",
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            );
        }
        let (mut total, mut lines, mut currency) = (0, 0, String::new());
        while form.contains_key(&format!("line_items[{lines}][quantity]")) {
            let item = |name: &str| format!("line_items[{lines}]{name}");
            let unit = number(&item("[price_data][unit_amount]"));
            if unit < 0 || said(&item("[price_data][product_data][name]")).is_empty() {
                return wrong("parameter_invalid_integer", "Invalid line item");
            }
            total += unit * number(&item("[quantity]"));
            currency = said(&item("[price_data][currency]")).to_owned();
            lines += 1;
        }
        if total < 50 {
            return wrong(
                "amount_too_small",
                "The Checkout Session's total amount due must add up to at least €0.50 eur",
            );
        }
        let right = said("mode") == "payment"
            && said("payment_method_types[0]") == "card"
            && said("customer_email").contains('@')
            && said("success_url").starts_with("http");
        if !right {
            return wrong("parameter_missing", "Missing required param");
        }
        let kept = |begins: &str| -> BTreeMap<String, String> {
            let named = |(name, value): (&String, &String)| {
                Some((name.strip_prefix(begins)?.strip_suffix(']')?.to_owned(), value.clone()))
            };
            form.iter().filter_map(named).collect()
        };
        let (metadata, kept) = (kept("metadata["), kept("payment_intent_data[metadata]["));
        let id = self.name("cs");
        let session = json!({
            "id": id, "object": "checkout.session", "mode": "payment", "status": "open", "payment_status": "unpaid",
            "payment_intent": null, "amount_total": total, "currency": currency, "metadata": metadata,
            "payment_intent_data": { "metadata": kept },
            "url": format!("https://checkout.stripe.com/c/pay/{id}"), "expires_at": number("expires_at"),
            "success_url": said("success_url"), "cancel_url": said("cancel_url"),
            "client_reference_id": said("client_reference_id"), "customer_email": said("customer_email"),
        });
        self.sessions.insert(id, session.clone());
        (200, session)
    }

    /// Makes a customer, or changes one; an empty text clears.
    fn customer(&mut self, id: Option<&str>, form: &Form) -> (u16, Value) {
        let id = match id {
            Some(id) if self.customers.contains_key(id) => id.to_owned(),
            Some(_) => {
                return fault(404, "invalid_request_error", "resource_missing", "No such customer");
            }
            None => self.name("cus"),
        };
        let customer = self.customers.entry(id.clone()).or_insert_with(|| {
            json!({
                "id": id, "object": "customer", "created": Time::now().seconds(), "email": null, "name": null,
                "address": null, "tax_exempt": "none", "metadata": {},
            })
        });
        for (name, value) in form {
            let value = if value.is_empty() { Value::Null } else { json!(value) };
            match name.split_once('[') {
                Some(("metadata", inner)) if value.is_null() => {
                    customer["metadata"]
                        .as_object_mut()
                        .unwrap()
                        .remove(inner.trim_end_matches(']'));
                }
                Some((outer, inner)) => customer[outer][inner.trim_end_matches(']')] = value,
                None => customer[name] = value,
            }
        }
        (200, customer.clone())
    }

    fn portal(&mut self, form: &Form) -> (u16, Value) {
        let said = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (customer, back) = (said("customer"), said("return_url"));
        if !self.customers.contains_key(&customer) || !back.starts_with("http") {
            return wrong("resource_missing", "No such customer");
        }
        let id = self.name("bps");
        let url = format!("https://billing.stripe.com/p/session/{id}");
        let created = Time::now().seconds();
        (
            200,
            json!({
                "id": id, "object": "billing_portal.session", "created": created, "customer": customer,
                "return_url": back, "url": url,
            }),
        )
    }

    fn refund(&mut self, form: &Form) -> (u16, Value) {
        let intent = form.get("payment_intent").cloned().unwrap_or_default();
        let amount: i64 = form.get("amount").and_then(|amount| amount.parse().ok()).unwrap_or(0);
        let Some((paid, back)) = self.intents.get_mut(&intent) else {
            return fault(
                404,
                "invalid_request_error",
                "resource_missing",
                "No such payment_intent",
            );
        };
        if *back == *paid {
            return wrong("charge_already_refunded", "Charge has already been refunded.");
        }
        if amount <= 0 || *back + amount > *paid {
            return wrong("", "Refund amount is greater than unrefunded amount on charge");
        }
        *back += amount;
        let id = self.name("re");
        let refund = json!({
            "id": id, "object": "refund", "status": "succeeded", "payment_intent": intent, "amount": amount,
            "currency": "eur", "metadata": { "refund": form.get("metadata[refund]"), "tenant": form.get("metadata[tenant]") },
        });
        self.refunds.push(refund.clone());
        (200, refund)
    }
}
