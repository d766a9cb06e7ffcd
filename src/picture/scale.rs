//! Makes a picture smaller: the resizer, asked for the four kinds of pixels that there are here.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4};
use fast_image_resize::{PixelTrait, Resizer};
use image::DynamicImage;

/// Fills `into` with `from`. Each kind of pixel by name: asked by a value, the resizer would bring its code and tables
/// for ten more into the binary, two megabytes.
pub(super) fn scale(
    resizer: &mut Resizer,
    from: &DynamicImage,
    into: &mut DynamicImage,
) -> Option<()> {
    match from {
        DynamicImage::ImageLuma8(_) => scale_as::<U8>(resizer, from, into),
        DynamicImage::ImageLumaA8(_) => scale_as::<U8x2>(resizer, from, into),
        DynamicImage::ImageRgb8(_) => scale_as::<U8x3>(resizer, from, into),
        DynamicImage::ImageRgba8(_) => scale_as::<U8x4>(resizer, from, into),
        _ => None,
    }
}

fn scale_as<P: PixelTrait>(
    resizer: &mut Resizer,
    from: &DynamicImage,
    into: &mut DynamicImage,
) -> Option<()> {
    let (width, height) = (into.width(), into.height());
    let source = TypedImageRef::<P>::from_buffer(from.width(), from.height(), from.as_bytes());
    let pixels = match into {
        DynamicImage::ImageLuma8(image) => &mut **image,
        DynamicImage::ImageLumaA8(image) => &mut **image,
        DynamicImage::ImageRgb8(image) => &mut **image,
        DynamicImage::ImageRgba8(image) => &mut **image,
        _ => return None,
    };
    let mut target = TypedImage::<P>::from_buffer(width, height, pixels).ok()?;
    resizer.resize_typed(&source.ok()?, &mut target, None).ok()
}
