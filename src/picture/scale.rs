//! Makes a picture smaller: the resizer, asked for the two kinds of pixels that it is compiled for here.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{PixelTrait, Resizer};
use image::DynamicImage;

/// The picture at this size. Each kind of pixel brings some hundred kilobytes of code into the binary, so that grey, which
/// few pictures are, goes through colour, where it stays what it was.
pub(super) fn scaled(
    resizer: &mut Resizer,
    from: &DynamicImage,
    (width, height): (u32, u32),
) -> Option<DynamicImage> {
    let mut into = DynamicImage::new(width, height, from.color());
    match (from, &mut into) {
        (DynamicImage::ImageRgb8(_), DynamicImage::ImageRgb8(image)) => {
            scale_as::<U8x3>(resizer, from, (width, height), image)?;
        }
        (DynamicImage::ImageRgba8(_), DynamicImage::ImageRgba8(image)) => {
            scale_as::<U8x4>(resizer, from, (width, height), image)?;
        }
        (DynamicImage::ImageLuma8(_), _) => {
            let colour = DynamicImage::ImageRgb8(from.to_rgb8());
            into = scaled(resizer, &colour, (width, height))?.into_luma8().into();
        }
        (DynamicImage::ImageLumaA8(_), _) => {
            let colour = DynamicImage::ImageRgba8(from.to_rgba8());
            into = scaled(resizer, &colour, (width, height))?.into_luma_alpha8().into();
        }
        _ => return None,
    }
    Some(into)
}

fn scale_as<P: PixelTrait>(
    resizer: &mut Resizer,
    from: &DynamicImage,
    (width, height): (u32, u32),
    pixels: &mut [u8],
) -> Option<()> {
    let source = TypedImageRef::<P>::from_buffer(from.width(), from.height(), from.as_bytes());
    let mut target = TypedImage::<P>::from_buffer(width, height, pixels).ok()?;
    resizer.resize_typed(&source.ok()?, &mut target, None).ok()
}
