//! Converts uploaded pictures. The size of an upload is checked before anything is decoded, and the picture is encoded again as a
//! small square, so that nothing of the file itself is published: neither the place and time of a camera nor any other data in it.

use std::{
    collections::HashSet,
    io::Cursor,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use sha2::{Digest, Sha256};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, PictureId},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    background::Pool,
    network::{ClientNetwork, NetworkPermit, NetworkShares},
};

/// Pictures that are decoded at the same time.
const AT_ONCE: usize = 2;
/// Uploads that are in memory at the same time, being received or waiting to be decoded.
const WAITING: usize = 10;
/// Uploads of one network at the same time. The networks around it have at most four times as many, which is fewer than there are.
const OF_NETWORK: usize = 2;
/// Pixels of a side, and in all: a camera's largest pictures.
const SIDE: u32 = 8_192;
const PIXELS: u64 = 40_000_000;
/// Bytes of memory for one decoder.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Pixels of a side of a stored picture: an avatar at its largest, on a fine screen.
const SIZE: u32 = 256;
/// The quality setting of libwebp, of 100.
const QUALITY: f32 = 82.0;

/// Decodes pictures off the runtime's threads, a few at a time.
#[derive(Clone)]
pub struct Pictures {
    threads: Pool<()>,
    permits: Arc<Semaphore>,
    networks: Arc<NetworkShares>,
    people: Arc<Mutex<HashSet<ChatId>>>,
}

/// Counts one upload, from when it becomes large until its picture is converted, or until it is dropped.
pub struct UploadPermit {
    _permit: OwnedSemaphorePermit,
    _share: NetworkPermit,
    person: ChatId,
    people: Arc<Mutex<HashSet<ChatId>>>,
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.remove(&self.person);
    }
}

/// A picture as it is stored.
#[derive(Debug)]
pub struct Square {
    /// The hash of the picture.
    pub id: PictureId,
    /// The file, in WebP.
    pub webp: Vec<u8>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            threads: Pool::new("picture", AT_ONCE),
            permits: Arc::new(Semaphore::new(WAITING)),
            networks: NetworkShares::new(OF_NETWORK),
            people: Arc::default(),
        }
    }
}

impl Pictures {
    /// Takes a permit for an upload.
    ///
    /// # Errors
    /// [`ErrorCode::Overloaded`] if there are too many uploads, in all or of the network, or the person has one already.
    pub fn admit(&self, person: &ChatId, network: ClientNetwork) -> Result<UploadPermit, ErrorCode> {
        let share = self.networks.take(network).ok_or(ErrorCode::Overloaded)?;
        let permit = self.permits.clone().try_acquire_owned();
        let permit = permit.map_err(|_| ErrorCode::Overloaded)?;
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if !people.insert(person.clone()) {
            return Err(ErrorCode::Overloaded);
        }
        Ok(UploadPermit {
            _permit: permit,
            _share: share,
            person: person.clone(),
            people: self.people.clone(),
        })
    }

    /// Converts an upload to its centre square.
    pub async fn square(&self, permit: UploadPermit, upload: Bytes) -> Result<Square, ErrorCode> {
        let work = self.threads.run(move |()| {
            let _held = permit;
            square(&upload)
        });
        // A panic of a decoder means that the upload was no picture.
        work.await.unwrap_or(Err(ErrorCode::BadPicture))
    }
}

fn square(upload: &[u8]) -> Result<Square, ErrorCode> {
    let (image, orientation) = decode(upload)?;
    let (width, height) = image.dimensions();
    let side = width.min(height);
    // A view: the whole picture is not copied for it.
    let centre = imageops::crop_imm(&image, (width - side) / 2, (height - side) / 2, side, side);
    let small = imageops::resize(&*centre, SIZE, SIZE, FilterType::Triangle);
    drop(image);
    let mut small = DynamicImage::ImageRgba8(small);
    small.apply_orientation(orientation);
    // The image crate writes WebP without loss only, which for a photograph is ten times as large.
    let webp = webp::Encoder::from_rgba(small.as_bytes(), SIZE, SIZE).encode(QUALITY);
    Ok(Square {
        id: id(&webp),
        webp: webp.to_vec(),
    })
}

fn decode(upload: &[u8]) -> Result<(DynamicImage, Orientation), ErrorCode> {
    let unreadable = |error| {
        tracing::debug!(%error, "refused an upload that is not a valid picture");
        ErrorCode::BadPicture
    };
    // The format is detected from the first bytes: neither the file's name nor the client is trusted.
    let format = image::guess_format(upload).map_err(unreadable)?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif
    ) {
        return Err(ErrorCode::BadPicture);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > PIXELS || decoder.total_bytes() > MEMORY {
        return Err(ErrorCode::BadPicture);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok((image, orientation))
}

fn id(webp: &[u8]) -> PictureId {
    let hash = Sha256::digest(webp);
    let first = hash[..16].try_into().expect("a hash has 32 bytes");
    PictureId(u128::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    /// Returns a PNG that declares its size, and ends.
    fn announced(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = b"IHDR".to_vec();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([8, 0, 0, 0, 0]);
        for chunk in [header, b"IDAT\x78\x9c".to_vec()] {
            png.extend((chunk.len() as u32 - 4).to_be_bytes());
            png.extend(&chunk);
            png.extend(crc(&chunk).to_be_bytes());
        }
        png
    }

    /// Computes the CRC-32 at the end of a PNG's chunks (W3C PNG, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
            })
        })
    }

    #[test]
    fn what_is_too_large_in_pixels_is_refused_before_it_takes_memory() {
        for (width, height) in [(30_000, 30_000), (8_193, 1), (1, 8_193), (8_192, 8_192)] {
            let bomb = announced(width, height);
            let taken = allocation_counter::measure(|| {
                assert_eq!(square(&bomb).err(), Some(ErrorCode::BadPicture));
            });
            assert!(
                taken.bytes_max < 1_000_000,
                "{width}×{height}: {}",
                taken.bytes_max
            );
        }
        // At the largest allowed size, the same picture takes the memory that its header declares.
        let large = announced(8_000, 5_000);
        let taken = allocation_counter::measure(|| assert!(square(&large).is_err()));
        assert!(taken.bytes_max >= 40_000_000, "{}", taken.bytes_max);
    }

    #[test]
    fn so_many_uploads_are_in_memory_and_no_more() {
        let pictures = Pictures::default();
        let person = |n: usize| ChatId::try_from(format!("p{n}")).expect("an id");
        let admit = |n: usize, address: &str| {
            let network = ClientNetwork::from(address.parse::<IpAddr>().expect("an address"));
            pictures.admit(&person(n), network)
        };
        let permits: Vec<_> = (0..WAITING).map(|n| admit(n, &format!("192.0.2.{n}"))).collect();
        assert!(permits.iter().all(Result::is_ok));
        assert_eq!(admit(99, "198.51.100.1").err(), Some(ErrorCode::Overloaded));
        drop(permits);
        let one = admit(0, "192.0.2.1").expect("a permit");
        assert!(admit(0, "192.0.2.2").is_err(), "one of a person");
        let two = admit(1, "192.0.2.1").expect("a permit");
        assert!(admit(2, "192.0.2.1").is_err(), "two of a network");
        drop((one, two));
        // A provider's customer with a /48 cannot hold all of them.
        let wide: Vec<_> = (0..99)
            .map(|n| admit(n, &format!("2001:db8:0:{:x}::1", n << 8)))
            .collect();
        assert!(wide.iter().flatten().count() < WAITING);
        assert!(admit(99, "192.0.2.1").is_ok());
    }

    #[test]
    fn what_is_seen_through_stays_so() {
        let glass = DynamicImage::new_rgba8(10, 10);
        let mut png = Cursor::new(Vec::new());
        glass.write_to(&mut png, ImageFormat::Png).expect("it is written");
        let square = square(png.get_ref()).expect("a picture");
        let seen = image::load_from_memory(&square.webp).expect("a picture");
        assert_eq!(seen.get_pixel(128, 128).0[3], 0);
    }
}
