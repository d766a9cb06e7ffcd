//! `/api/products/`. The contract has no route for a single one; ours follows the same style.

use super::data::{Body, Data};
use super::errors::with_conflict;
use super::fields::{Field, Form, GENERAL, Kind, LONG_TEXT, read_uuid};
use super::wire::{WireProduct, json, json_of};
use super::{messages as say, pictures};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Field as Wrong, Refusal};
use crate::picture::Purpose;
use crate::root::{Read, Staff};
use crate::trade::media::Upload;
use crate::trade::price::{self, Price};
use crate::trade::product::{self, Category, New, Product};
use crate::values::id::ProductId;
use rouille::Response;

const CATEGORIES: &[&str] = &["N", "B", "P", "R", "T", "M", "A", "D", "F", "S", "V", "G", "Q"];

pub(super) const FIELDS: &[Field] = &[
    Field::new("name", Kind::Text(500)).required(),
    Field::new("short_description", Kind::Text(250)).optional(),
    Field::new("long_description", Kind::Text(LONG_TEXT)).optional(),
    Field::new("terms_and_conditions_document", Kind::Link(200)).optional(),
    Field::new("publish", Kind::Boolean),
    Field::new("img", Kind::Image(Purpose::Product)).or_null(),
    Field::new("categorie_article", Kind::Choice(CATEGORIES)),
    Field::new("send_to_cashless", Kind::Boolean),
    Field::new("img_url", Kind::Raw("Address of the image, where no file is sent")),
];

pub(super) fn list(call: &Call<'_>, front: &Front) -> Answer {
    let page = call.page()?;
    let (products, mut prices) =
        front.tenant.read(|tx| Ok((product::list(tx, page)?, price::of_page(tx, page)?)))?;
    let about = (products.len() + prices.len()) * USUAL_BYTES;
    Ok(json_of(200, &nest(&products, &mut prices, &call.origin), about))
}

/// What a product or a price takes in an answer, unless its descriptions are long.
const USUAL_BYTES: usize = 400;

/// Sorts prices for [`with_prices`]: those of one product together, cheapest first.
pub(super) fn sort(prices: &mut [Price]) {
    prices.sort_unstable_by_key(|price| (price.product, price.amount, price.id));
}

/// A product with its own of these prices, which are sorted.
pub(super) fn with_prices<'a>(
    product: &'a Product,
    prices: &'a [Price],
    origin: &str,
) -> WireProduct<'a> {
    let from = prices.partition_point(|price| price.product < product.id);
    let own = prices[from..].partition_point(|price| price.product == product.id);
    WireProduct::new(product, &prices[from..from + own], origin)
}

/// All these products, each with its prices.
pub(super) fn nest<'a>(
    products: &'a [Product],
    prices: &'a mut [Price],
    origin: &str,
) -> Vec<WireProduct<'a>> {
    sort(prices);
    let prices = &*prices;
    products.iter().map(|product| with_prices(product, prices, origin)).collect()
}

pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let id = id(call)?;
    let (product, prices) =
        front.tenant.read(|tx| Ok((product::get(tx, id)?, price::of_product(tx, id)?)))?;
    Ok(render(200, &product, &prices, &call.origin))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    staff.tenant().read(|tx| check(tx, &mut form, None)).map_err(with_conflict)?;
    let image =
        image(call, &data, &mut form)?.ok_or_else(|| Error::invalid(GENERAL, say::NO_IMAGE))?;
    let (new, max) = (apply(&mut form, blank()), call.desk.products_max);
    let made = staff.tenant().write(staff.by(), |tx| product::create(tx, &new, Some(&image), max));
    // A new product's image has no host in the contract's answer.
    Ok(render(201, &made.map_err(refused)?, &[], ""))
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    pictures::refuse_removal(&mut form, &data, "img", "img_url");
    let there = |tx: &Read| product::get(tx, id).and_then(|_| check(tx, &mut form, Some(id)));
    staff.tenant().read(there).map_err(with_conflict)?;
    let image = image(call, &data, &mut form)?;
    let written = staff.tenant().write(staff.by(), |tx| {
        let new = apply(&mut form, of(product::get(tx, id)?));
        Ok((product::update(tx, id, &new, image.as_ref())?, price::of_product(tx, id)?))
    });
    let (product, prices) = written.map_err(refused)?;
    Ok(render(200, &product, &prices, &call.origin))
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = id(call)?;
    staff.tenant().write(staff.by(), |tx| product::remove(tx, id))?;
    Ok(Response::empty_204())
}

fn id(call: &Call<'_>) -> Result<ProductId, Error> {
    read_uuid(call.param(0)).map(ProductId).ok_or(Error::NotFound)
}

fn render(status: u16, product: &Product, prices: &[Price], origin: &str) -> Response {
    json(status, &WireProduct::new(product, prices, origin))
}

fn blank() -> New {
    New {
        name: String::new(),
        category: Category::None,
        short_description: None,
        long_description: None,
        terms: None,
        published: false,
        cashless: false,
    }
}

fn of(product: Product) -> New {
    let Product {
        id: _,
        name,
        category,
        short_description,
        long_description,
        terms,
        published,
        cashless,
        image: _,
    } = product;
    New { name, category, short_description, long_description, terms, published, cashless }
}

/// Looks the name up: the contract does so together with the other fields, and before any image.
fn check(tx: &Read, form: &mut Form, but: Option<ProductId>) -> Result<(), Error> {
    if let Some(name) = form.text("name")
        && product::is_name_taken(tx, name, but)?
    {
        form.fail_taken("name", say::PRODUCT_TAKEN);
    }
    form.finish()
}

/// What the fields say, in the place of what was.
fn apply(form: &mut Form, mut new: New) -> New {
    form.set_text("name", &mut new.name);
    form.set_optional("short_description", &mut new.short_description);
    form.set_optional("long_description", &mut new.long_description);
    form.set_optional("terms_and_conditions_document", &mut new.terms);
    form.set_boolean("publish", &mut new.published);
    form.set_choice("categorie_article", &mut new.category, Category::parse);
    form.set_boolean("send_to_cashless", &mut new.cashless);
    new
}

fn image(call: &Call<'_>, data: &Data<'_>, form: &mut Form) -> Result<Option<Upload>, Failure> {
    pictures::sent_or_fetched(form.image("img"), data, "img_url", Purpose::Product, call.desk)
}

/// What another request was faster with.
fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NameTaken) => {
            with_conflict(Error::Invalid(vec![Wrong::taken("name", say::PRODUCT_TAKEN)]))
        }
        Error::Refused(Refusal::CashlessTaken) => {
            Error::invalid(GENERAL, say::CASHLESS_TAKEN).into()
        }
        Error::Refused(Refusal::PeriodMissing) => {
            Error::invalid(GENERAL, say::PERIOD_MISSING).into()
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_of_product_may_be_chosen() {
        let all: Vec<_> = Category::ALL.iter().map(|category| category.as_str()).collect();
        assert_eq!(all, CATEGORIES);
    }
}
