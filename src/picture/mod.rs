//! Turns bytes that a stranger sent into an image and its variations. Pure: no files, no network.
//!
//! What must stay true: the header alone decides whether anything is decoded; nothing of the
//! stranger's bytes is kept as it came, so neither metadata nor a second meaning of the file
//! survives; a variation fits in its box, keeps the ratio and is never larger than the original.
//! Crops, animations and colour profiles are deliberately absent.

mod scale;

use fast_image_resize::Resizer;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits,
};
use parking_lot::{Condvar, Mutex};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

const JPEG_QUALITY: u8 = 85;

/// Four times as fast as the usual level, for files a few hundredths larger.
const PNG_LEVEL: u8 = 2;

/// Quantising at the slowest speed takes seconds for a photograph; at ten nobody sees the change.
const GIF_SPEED: i32 = 10;

/// Every scan of a progressive JPEG passes over the whole image and may cost the sender only a
/// few bytes. Encoders write about ten.
const MAX_SCANS: u32 = 100;

/// What a decoder may need besides the pixels.
const DECODER_SLACK: u64 = 16 << 20;

/// What the image is for; decides sizes and upload bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The wide picture of a place.
    Place,
    /// The place's logo.
    Logo,
    /// A map or a menu.
    Leaflet,
    /// What is sold.
    Product,
}

impl Purpose {
    /// The variations with their boxes, the largest first.
    fn boxes(self) -> [(&'static str, u32, u32); 4] {
        let thumbnail = match self {
            Self::Logo => ("thumbnail", 300, 120),
            Self::Place | Self::Leaflet | Self::Product => ("thumbnail", 150, 90),
        };
        [("fhd", 1920, 1920), ("hdr", 720, 720), ("med", 480, 480), thumbnail]
    }

    /// Whether an uploaded file of this size may serve.
    fn admits(self, (width, height): (u32, u32)) -> Result<(), Fault> {
        match self {
            Self::Place if width < 720 || height < 135 => {
                Err(Fault::TooSmall { width: 720, height: 135 })
            }
            Self::Logo | Self::Leaflet | Self::Product if width > 1920 || height > 1920 => {
                Err(Fault::TooLarge { width: 1920, height: 1920 })
            }
            _ => Ok(()),
        }
    }
}

/// The formats that come in, and go out as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Photographs, without transparency.
    Jpeg,
    /// Lossless, with transparency.
    Png,
    /// 256 colours; the first frame of an animation.
    Gif,
    /// Written lossless, whatever it was; the first frame of an animation.
    WebP,
}

impl Format {
    /// The usual end of the file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// What `Content-Type` says.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// One file to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// `fhd`, `hdr`, `med`, `thumbnail`, or empty for the original.
    pub variation: &'static str,
    /// Of the encoded file, as `height`.
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// An image that was really one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Of every cut.
    pub format: Format,
    /// The original first, then `fhd`, `hdr`, `med`, `thumbnail`.
    pub cuts: Vec<Cut>,
}

/// Why there is no picture. The bounds carried are the allowed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another kind of file, a format not taken, a damaged or an unfinished one.
    NotAnImage,
    /// Too much to decode.
    TooManyPixels { limit: u64 },
    /// Over the bounds of an upload.
    TooLarge { width: u32, height: u32 },
    /// Under the bounds of an upload.
    TooSmall { width: u32, height: u32 },
}

/// Decodes a few pictures at a time; the others wait, since each may take a hundred megabytes.
#[derive(Debug)]
pub struct Studio {
    free: Mutex<usize>,
    freed: Condvar,
    max_pixels: u64,
}

impl Studio {
    /// A studio for `at_once` pictures (at least one) of at most `max_pixels` each.
    pub fn new(at_once: usize, max_pixels: u64) -> Self {
        Self { free: Mutex::new(at_once.max(1)), freed: Condvar::new(), max_pixels }
    }

    /// The picture in `bytes`, upright, with all its variations; `uploaded` when it was sent as a
    /// file, which is when the bounds of its purpose apply.
    pub fn cut(&self, bytes: &[u8], purpose: Purpose, uploaded: bool) -> Result<Picture, Fault> {
        let _seat = self.sit();
        // A decoder that panics at a crafted file must not take the request with it.
        catch_unwind(AssertUnwindSafe(|| {
            let (format, original) = self.decode(bytes, purpose, uploaded)?;
            let cuts = cuts(format, &original, purpose).ok_or(Fault::NotAnImage)?;
            Ok(Picture { format, cuts })
        }))
        .unwrap_or(Err(Fault::NotAnImage))
    }

    fn sit(&self) -> Seat<'_> {
        let mut free = self.free.lock();
        self.freed.wait_while(&mut free, |free| *free == 0);
        *free -= 1;
        Seat(self)
    }

    fn decode(
        &self,
        bytes: &[u8],
        purpose: Purpose,
        uploaded: bool,
    ) -> Result<(Format, DynamicImage), Fault> {
        let max_alloc = self.max_pixels.saturating_mul(4).saturating_add(DECODER_SLACK);
        let fault = |error| match error {
            ImageError::Limits(_) => Fault::TooManyPixels { limit: self.max_pixels },
            _ => Fault::NotAnImage,
        };
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| Fault::NotAnImage)?;
        let format = match reader.format() {
            Some(ImageFormat::Jpeg) if is_whole_jpeg(bytes) => Format::Jpeg,
            Some(ImageFormat::Png) => Format::Png,
            Some(ImageFormat::Gif) => Format::Gif,
            Some(ImageFormat::WebP) => Format::WebP,
            _ => return Err(Fault::NotAnImage),
        };
        let mut limits = Limits::default();
        limits.max_alloc = Some(max_alloc);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(fault)?;
        let (width, height) = decoder.dimensions();
        // Sixteen bits a channel count twice: the bytes are what hurts.
        if u64::from(width) * u64::from(height) > self.max_pixels
            || decoder.total_bytes() > max_alloc
        {
            return Err(Fault::TooManyPixels { limit: self.max_pixels });
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        if uploaded {
            purpose.admits(if lies_on_its_side(orientation) {
                (height, width)
            } else {
                (width, height)
            })?;
        }
        let mut image = plain(DynamicImage::from_decoder(decoder).map_err(fault)?, format);
        image.apply_orientation(orientation);
        Ok((format, image))
    }
}

/// One of the places in the studio, given back when dropped.
struct Seat<'a>(&'a Studio);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

fn lies_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Whether a JPEG runs to its end, in a bearable number of scans. The decoder is lenient and
/// paints the missing part grey.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut scans = 0;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == 0xFF) {
        match &rest[at + 1..] {
            [0xD9, ..] => return scans > 0,
            // A stuffed byte, or a marker without a length.
            [0x00 | 0x01 | 0xD0..=0xD8, after @ ..] => rest = after,
            after @ [0xFF, ..] => rest = after,
            [code, after @ ..] => {
                scans += u32::from(*code == 0xDA);
                let [high, low, ..] = after else { return false };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(after) = after.get(length..) else { return false };
                if scans > MAX_SCANS {
                    return false;
                }
                rest = after;
            }
            [] => return false,
        }
    }
    false
}

/// Eight bits a channel, and for JPEG no transparency: what the encoders and the resizer take.
fn plain(image: DynamicImage, format: Format) -> DynamicImage {
    let colour = image.color();
    if !colour.has_color() {
        return if format == Format::Jpeg || !colour.has_alpha() {
            DynamicImage::ImageLuma8(image.into_luma8())
        } else {
            DynamicImage::ImageLumaA8(image.into_luma_alpha8())
        };
    }
    if format == Format::Jpeg || !colour.has_alpha() {
        DynamicImage::ImageRgb8(image.into_rgb8())
    } else {
        DynamicImage::ImageRgba8(image.into_rgba8())
    }
}

fn cuts(format: Format, original: &DynamicImage, purpose: Purpose) -> Option<Vec<Cut>> {
    let size = (original.width(), original.height());
    let whole = encode(format, original)?;
    let mut cuts = vec![Cut { variation: "", width: size.0, height: size.1, bytes: whole.clone() }];
    let mut smaller: Vec<DynamicImage> = Vec::new();
    let mut resizer = Resizer::new();
    for (variation, width, height) in purpose.boxes() {
        let (width, height) = fit(size, (width, height));
        let bytes = if (width, height) == size {
            whole.clone()
        } else {
            // From a cut at least twice as large nobody sees that it is not from the original.
            let source = smaller
                .iter()
                .rfind(|cut| cut.width() / 2 >= width && cut.height() / 2 >= height)
                .unwrap_or(original);
            let image = scale::scaled(&mut resizer, source, (width, height))?;
            let bytes = encode(format, &image)?;
            smaller.push(image);
            bytes
        };
        cuts.push(Cut { variation, width, height, bytes });
    }
    Some(cuts)
}

/// The size that fits the box, with the rounding of Pillow's `thumbnail`: the side that follows
/// takes whichever neighbour changes the ratio least, the lower one when they are equal.
fn fit(size: (u32, u32), into: (u32, u32)) -> (u32, u32) {
    if size.0 <= into.0 && size.1 <= into.1 {
        return size;
    }
    let (width, height) = (u64::from(size.0), u64::from(size.1));
    let (across, down) = (u64::from(into.0), u64::from(into.1));
    // Both results are within the box, so the conversions cannot fail.
    if across * height >= width * down {
        let (floor, rest) = (down * width / height, down * width % height);
        let across = floor + u64::from(rest * 2 > height);
        (u32::try_from(across.max(1)).unwrap_or(into.0), into.1)
    } else {
        let (floor, rest) = (across * height / width, across * height % width);
        let down = floor + u64::from(floor > 0 && rest * (floor + 1) > (width - rest) * floor);
        (into.0, u32::try_from(down.max(1)).unwrap_or(into.1))
    }
}

fn encode(format: Format, image: &DynamicImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (pixels, width, height) = (image.as_bytes(), image.width(), image.height());
    let colour = ExtendedColorType::from(image.color());
    match format {
        Format::Jpeg => JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)
            .write_image(pixels, width, height, colour),
        Format::Png => {
            let level = CompressionType::Level(PNG_LEVEL);
            PngEncoder::new_with_quality(&mut out, level, FilterType::Adaptive)
                .write_image(pixels, width, height, colour)
        }
        Format::WebP => {
            WebPEncoder::new_lossless(&mut out).write_image(pixels, width, height, colour)
        }
        Format::Gif => {
            GifEncoder::new_with_speed(&mut out, GIF_SPEED).encode(pixels, width, height, colour)
        }
    }
    .ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ColorType, Rgb, RgbImage, Rgba, RgbaImage};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const KINDS: [ImageFormat; 4] =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP];

    fn photograph(width: u32, height: u32) -> DynamicImage {
        let byte = |n: u32| u8::try_from(n % 256).unwrap();
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            Rgb([byte(x / 2), byte(y / 2), byte((x + y) / 3)])
        }))
    }

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn studio() -> Studio {
        Studio::new(2, 40_000_000)
    }

    fn sizes(picture: &Picture) -> Vec<(&str, u32, u32)> {
        picture.cuts.iter().map(|cut| (cut.variation, cut.width, cut.height)).collect()
    }

    /// A grey JPEG of 8 by 8 with four channels, as print shops send them.
    fn cmyk() -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
        bytes.extend([1; 64]);
        bytes.extend([0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4]);
        bytes.extend((1..=4).flat_map(|channel| [channel, 0x11, 0]));
        for table in [0x00, 0x10] {
            bytes.extend([0xFF, 0xC4, 0, 20, table, 1]);
            bytes.extend([0; 16]);
        }
        bytes.extend([0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
        bytes.extend([0x00, 0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn sizes_are_those_of_the_documented_examples() {
        let wide = [(1920, 1920), (720, 720), (480, 480), (150, 90)].map(|b| fit((1600, 900), b));
        assert_eq!(wide, [(1600, 900), (720, 405), (480, 270), (150, 84)]);
        let small = [(1920, 1920), (720, 720), (480, 480), (150, 90)].map(|b| fit((300, 200), b));
        assert_eq!(small, [(300, 200), (300, 200), (300, 200), (135, 90)]);
    }

    #[test]
    fn a_side_never_becomes_nothing_and_ties_go_down() {
        assert_eq!(fit((10_000, 2), (150, 90)), (150, 1));
        assert_eq!(fit((2, 10_000), (150, 90)), (1, 90));
        assert_eq!(fit((u32::MAX, u32::MAX), (150, 90)), (90, 90));
        assert_eq!(fit((7, 180), (150, 90)), (3, 90));
    }

    #[test]
    fn the_original_comes_first_then_four_variations() {
        let bytes = written(&photograph(1600, 900), ImageFormat::Jpeg);
        let picture = studio().cut(&bytes, Purpose::Place, true).unwrap();
        assert_eq!(picture.format, Format::Jpeg);
        let cuts = [("", 1600, 900), ("fhd", 1600, 900), ("hdr", 720, 405), ("med", 480, 270)];
        assert_eq!(sizes(&picture)[..4], cuts);
        assert_eq!(sizes(&picture)[4..], [("thumbnail", 150, 84)]);
        assert_eq!(picture.cuts[0].bytes, picture.cuts[1].bytes);
        for cut in &picture.cuts {
            let back = image::load_from_memory(&cut.bytes).unwrap();
            assert_eq!((back.width(), back.height()), (cut.width, cut.height));
        }
    }

    #[test]
    fn a_logo_has_a_wider_thumbnail() {
        let bytes = written(&photograph(600, 200), ImageFormat::Png);
        let picture = studio().cut(&bytes, Purpose::Logo, true).unwrap();
        assert_eq!(sizes(&picture)[4], ("thumbnail", 300, 100));
    }

    #[test]
    fn every_format_goes_out_as_it_came() {
        let formats = [Format::Jpeg, Format::Png, Format::Gif, Format::WebP];
        for (kind, format) in KINDS.into_iter().zip(formats) {
            let picture = studio()
                .cut(&written(&photograph(200, 120), kind), Purpose::Product, true)
                .unwrap();
            assert_eq!(picture.format, format);
            for cut in &picture.cuts {
                assert_eq!(image::guess_format(&cut.bytes).unwrap(), kind, "{}", cut.variation);
            }
        }
    }

    #[test]
    fn transparency_survives_in_png() {
        let image = RgbaImage::from_pixel(200, 120, Rgba([200, 10, 10, 0]));
        let bytes = written(&DynamicImage::ImageRgba8(image), ImageFormat::Png);
        for cut in studio().cut(&bytes, Purpose::Logo, true).unwrap().cuts {
            let back = image::load_from_memory(&cut.bytes).unwrap();
            assert_eq!(back.color(), ColorType::Rgba8);
            assert_eq!(back.to_rgba8().get_pixel(5, 5).0[3], 0);
        }
    }

    #[test]
    fn unusual_colours_are_made_plain() {
        let cuts = studio().cut(&cmyk(), Purpose::Product, true).unwrap().cuts;
        assert_eq!(image::load_from_memory(&cuts[0].bytes).unwrap().color(), ColorType::Rgb8);
        let grey = DynamicImage::ImageLuma8(photograph(200, 120).to_luma8());
        let cuts =
            studio().cut(&written(&grey, ImageFormat::Jpeg), Purpose::Product, true).unwrap().cuts;
        assert_eq!(image::load_from_memory(&cuts[4].bytes).unwrap().color(), ColorType::L8);
        let deep = DynamicImage::ImageRgba16(photograph(200, 120).to_rgba16());
        let cuts =
            studio().cut(&written(&deep, ImageFormat::Png), Purpose::Product, true).unwrap().cuts;
        assert_eq!(image::load_from_memory(&cuts[4].bytes).unwrap().color(), ColorType::Rgba8);
    }

    #[test]
    fn a_photograph_taken_sideways_stands_upright_and_loses_its_metadata() {
        let plain = written(&photograph(200, 800), ImageFormat::Jpeg);
        let mut exif =
            b"\xFF\xE1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend(b"\x06\0\0\0\0\0\0\0");
        let bytes = [&plain[..2], &exif, &plain[2..]].concat();
        let picture = studio().cut(&bytes, Purpose::Place, true).unwrap();
        assert_eq!(sizes(&picture)[0], ("", 800, 200));
        for cut in &picture.cuts {
            assert!(!cut.bytes.windows(4).any(|window| window == b"Exif"));
        }
        let upright = studio().cut(&plain, Purpose::Place, true);
        assert_eq!(upright, Err(Fault::TooSmall { width: 720, height: 135 }));
    }

    #[test]
    fn bounds_hold_for_uploads_alone() {
        let small = written(&photograph(719, 135), ImageFormat::Jpeg);
        let large = written(&photograph(1921, 10), ImageFormat::Jpeg);
        let too_large = Err(Fault::TooLarge { width: 1920, height: 1920 });
        let studio = studio();
        assert_eq!(
            studio.cut(&small, Purpose::Place, true),
            Err(Fault::TooSmall { width: 720, height: 135 })
        );
        assert!(studio.cut(&small, Purpose::Place, false).is_ok());
        assert!(studio.cut(&small, Purpose::Logo, true).is_ok());
        for purpose in [Purpose::Logo, Purpose::Leaflet, Purpose::Product] {
            assert_eq!(studio.cut(&large, purpose, true), too_large);
            assert!(studio.cut(&large, purpose, false).is_ok());
        }
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_before_decoding() {
        let mut jpeg = cmyk();
        let frame = jpeg.windows(2).position(|window| window == [0xFF, 0xC0]).unwrap();
        jpeg[frame + 5..frame + 9].fill(0xFF);
        let mut gif = written(&photograph(20, 20), ImageFormat::Gif);
        gif[6..10].fill(0xFF);
        for bytes in [jpeg, gif] {
            let found = studio().cut(&bytes, Purpose::Product, false);
            assert_eq!(found, Err(Fault::TooManyPixels { limit: 40_000_000 }));
        }
        let bytes = written(&photograph(20, 20), ImageFormat::Gif);
        let found = Studio::new(1, 399).cut(&bytes, Purpose::Product, false);
        assert_eq!(found, Err(Fault::TooManyPixels { limit: 399 }));
    }

    #[test]
    fn what_is_cut_short_or_no_image_is_refused() {
        let studio = studio();
        for kind in KINDS {
            let bytes = written(&photograph(40, 30), kind);
            for length in (0..bytes.len() * 9 / 10).step_by(7) {
                let found = studio.cut(&bytes[..length], Purpose::Product, false);
                assert_eq!(found, Err(Fault::NotAnImage), "{kind:?} of {length} bytes");
            }
        }
        for bytes in
            [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM", b"\xFF\xD8\xFF"]
        {
            let found = studio.cut(bytes, Purpose::Product, false);
            assert_eq!(found, Err(Fault::NotAnImage));
        }
    }

    #[test]
    fn a_jpeg_of_countless_scans_is_refused() {
        let mut bytes = cmyk();
        let (start, end) = (bytes.len() - 19, bytes.len() - 2);
        let scan = bytes[start..end].to_vec();
        assert_eq!(scan[..2], [0xFF, 0xDA]);
        for _ in 0..MAX_SCANS {
            bytes.splice(start..start, scan.iter().copied());
        }
        assert!(!is_whole_jpeg(&bytes));
    }

    #[test]
    fn damaged_bytes_never_panic() {
        let studio = Studio::new(1, 100_000);
        for kind in KINDS {
            let bytes = written(&photograph(16, 12), kind);
            for at in 0..bytes.len().min(200) {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0xFF;
                drop(studio.cut(&damaged, Purpose::Product, false));
            }
        }
    }

    #[test]
    fn no_more_pictures_are_decoded_at_once_than_there_are_seats() {
        let studio = Studio::new(2, 1_000_000);
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _seat = studio.sit();
                        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(*studio.free.lock(), 2);
    }
}
