//! ed25519 keys, signatures, and the phrase that backs a key up.
//!
//! A signature is valid as ZIP 215 says, with A canonical and not of small order (S is canonical by
//! ZIP 215). ed25519-zebra verifies, because its single and its batch verification agree by
//! construction; ed25519-dalek makes keys and signatures.

use std::{fmt, str::FromStr, sync::LazyLock};

use data_encoding::{Encoding, HEXLOWER_PERMISSIVE, Specification};
use ed25519_dalek::{Signer as _, SigningKey};
use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};
use zeroize::Zeroizing;

use crate::{
    board::rendezvous,
    id::{Infohash, write_hex},
    prefix::{LETTERS, SCHEME},
};

static Z_BASE_32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str(LETTERS);
    // A constant alphabet of 32 different symbols is always accepted.
    #[allow(clippy::unwrap_used)]
    specification.encoding().unwrap()
});

/// Encodings of y for the points whose order divides 8, without the sign bit. (The table is
/// checked against ed25519-dalek's own test for weak keys below.)
const SMALL_ORDER: [[u8; 32]; 5] = {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    [
        [0; 32],
        one,
        minus_one,
        *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    ]
};

/// An author's public key: canonical and not of small order. (That it lies on the curve shows when
/// it verifies something.)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Why bytes or a text are not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither hex nor `upseed:` and z-base-32.
    #[error("{0:?} is not a key: expected 64 hex digits, or \"upseed:\" and 52 letters")]
    Form(String),
    /// An encoding that a careful signer never makes.
    #[error("the key is not a canonical ed25519 key, or of small order")]
    Weak,
    /// A back-up phrase with a wrong number of words, an unknown word, or a wrong checksum.
    #[error("not a backup phrase: {0}")]
    Phrase(String),
}

impl PublicKey {
    /// Checks that the bytes are canonical and not of small order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        let mut y = bytes;
        y[31] &= 0x7f;
        let not_reduced = y[31] == 0x7f && y[1..31].iter().all(|b| *b == 0xff) && y[0] >= 0xed;
        if not_reduced || SMALL_ORDER.contains(&y) {
            return Err(KeyError::Weak);
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes of the wire form.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Where this person's own node can be met.
    pub fn rendezvous(&self) -> Infohash {
        rendezvous(b"upseed:1:person:", &self.0)
    }

    /// 64 hex digits, as on the wire and in JSON.
    pub fn to_hex(&self) -> String {
        HEXLOWER_PERMISSIVE.encode(&self.0)
    }
}

/// `upseed:` and 52 letters of z-base-32: the form for people.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", Z_BASE_32.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        write_hex(&self.0, f)?;
        f.write_str(")")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = match text.strip_prefix(SCHEME) {
            Some(letters) => Z_BASE_32.decode(letters.as_bytes()),
            None => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
        };
        let bytes = bytes.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        Self::from_bytes(bytes.ok_or_else(|| KeyError::Form(text.chars().take(100).collect()))?)
    }
}

impl serde::Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_hex())
    }
}

impl<'de> serde::Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An author's secret key. It never prints, and is wiped when dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From the 32-byte ed25519 seed, which is also the BIP 39 entropy of the back-up phrase.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// From a 24-word English BIP 39 phrase; case and extra spaces do not matter.
    pub fn from_phrase(phrase: &str) -> Result<Self, KeyError> {
        let phrase =
            Zeroizing::new(phrase.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
        // BIP 39 has phrases of 12 words too, with checksums of their own.
        let words = phrase.split_whitespace().count();
        if words != 24 {
            return Err(KeyError::Phrase(format!("expected 24 words, found {words}")));
        }
        let mnemonic = bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &phrase)
            .map_err(|error| KeyError::Phrase(phrase_error(&error)))?;
        let entropy = Zeroizing::new(mnemonic.to_entropy());
        let seed = Zeroizing::new(
            <[u8; 32]>::try_from(entropy.as_slice())
                .map_err(|_| KeyError::Phrase("expected 24 words".into()))?,
        );
        Ok(Self::from_seed(&seed))
    }

    /// The 24 words.
    pub fn phrase(&self) -> Zeroizing<String> {
        let entropy = Zeroizing::new(self.0.to_bytes());
        match bip39::Mnemonic::from_entropy_in(bip39::Language::English, &*entropy) {
            Ok(mnemonic) => Zeroizing::new(mnemonic.to_string()),
            // BIP 39 takes entropy of 32 bytes by definition.
            Err(error) => unreachable!("32 bytes are BIP 39 entropy: {error}"),
        }
    }

    /// The seed, to be stored in a file that only its owner can read.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// What was wrong with a phrase, without repeating any of its words.
fn phrase_error(error: &bip39::Error) -> String {
    match error {
        bip39::Error::UnknownWord(index) => format!("word {} is not in the word list", index + 1),
        bip39::Error::InvalidChecksum => "the checksum is wrong: a word was mistyped".into(),
        _ => "it is not English BIP 39".into(),
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

/// Signatures of a record, still to be verified.
pub(crate) struct Claim {
    pub author: PublicKey,
    pub signature: [u8; 64],
    /// Of another key, over the same message.
    pub second: Option<(PublicKey, [u8; 64])>,
    pub message: Vec<u8>,
}

impl Claim {
    pub fn verify(&self) -> bool {
        self.signatures().all(|(signer, signature)| {
            VerificationKey::try_from(signer.0)
                .and_then(|key| key.verify(&Signature::from_bytes(&signature), &self.message))
                .is_ok()
        })
    }

    /// Hashes the message, which is then not needed any more, so that it is still in the cache. One for
    /// each signature.
    pub fn hashed(&self) -> impl Iterator<Item = HashedClaim> {
        self.signatures().map(|(signer, signature)| {
            let key = VerificationKeyBytes::from(signer.0);
            HashedClaim((key, Signature::from_bytes(&signature), &self.message).into())
        })
    }

    fn signatures(&self) -> impl Iterator<Item = (PublicKey, [u8; 64])> {
        std::iter::once((self.author, self.signature)).chain(self.second)
    }
}

/// A signature to be verified together with others.
pub(crate) struct HashedClaim(batch::Item);

impl HashedClaim {
    /// Verifies many at once; says of each whether it is valid. A batch that fails is halved, so
    /// that one bad signature costs a few more batches and not a single verification of each.
    pub fn verify_all(claims: &[Self]) -> Vec<bool> {
        let mut valid = vec![true; claims.len()];
        verify_range(claims, &mut valid);
        valid
    }
}

fn verify_range(claims: &[HashedClaim], valid: &mut [bool]) {
    /// Below this, single verifications are as cheap as further halving.
    const SMALL: usize = 4;
    if claims.len() <= SMALL {
        for (claim, valid) in claims.iter().zip(valid) {
            *valid = claim.0.clone().verify_single().is_ok();
        }
        return;
    }
    let mut verifier = batch::Verifier::new();
    for claim in claims {
        verifier.queue(claim.0.clone());
    }
    if verifier.verify(rand::rng()).is_err() {
        let middle = claims.len() / 2;
        let (left, right) = valid.split_at_mut(middle);
        verify_range(&claims[..middle], left);
        verify_range(&claims[middle..], right);
    }
}

#[cfg(test)]
#[allow(dead_code)]
#[path = "../tests/support/torsion.rs"]
mod torsion;

#[cfg(test)]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::{torsion::Craft, *};

    #[test]
    fn forms_go_both_ways() {
        let key = SecretKey::from_seed(&[7; 32]).public();
        assert_eq!(key.to_hex().parse::<PublicKey>().unwrap(), key);
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        assert_eq!(key.to_string().len(), 7 + 52);
        assert!("upseed:abc".parse::<PublicKey>().is_err());
    }

    #[test]
    fn phrases_go_both_ways_and_never_print() {
        let key = SecretKey::from_seed(&[7; 32]);
        let phrase = key.phrase();
        assert_eq!(phrase.split(' ').count(), 24);
        let back = SecretKey::from_phrase(&format!("  {}\n", phrase.to_uppercase())).unwrap();
        assert_eq!(back.public(), key.public());
        assert_eq!(format!("{key:?}"), "SecretKey(hidden)");
        let error = SecretKey::from_phrase("secretword ".repeat(24).trim()).unwrap_err();
        assert!(!error.to_string().contains("secretword"), "{error}");
        let twelve = phrase.split(' ').take(12).collect::<Vec<_>>().join(" ");
        assert!(SecretKey::from_phrase(&twelve).is_err());
    }

    #[test]
    fn small_order_and_unreduced_keys_are_refused() {
        for y in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut bytes = y;
                bytes[31] |= sign;
                assert_eq!(PublicKey::from_bytes(bytes), Err(KeyError::Weak));
                if let Ok(key) = VerifyingKey::from_bytes(&bytes) {
                    assert!(key.is_weak());
                }
            }
        }
        for low in 0xed..=0xff {
            let mut bytes = [0xff; 32];
            bytes[0] = low;
            assert!(PublicKey::from_bytes(bytes).is_err());
        }
    }

    #[test]
    fn crafted_signatures_are_judged_alike_alone_and_in_every_batch() {
        let message = b"message".to_vec();
        let mut claims = Vec::new();
        let mut expected = Vec::new();
        for (seed, craft) in Craft::all().into_iter().enumerate() {
            let (public, sign) = craft.key(seed as u64 % 5);
            match PublicKey::from_bytes(public) {
                Ok(author) => {
                    claims.push(Claim {
                        author,
                        signature: sign(&message),
                        second: None,
                        message: message.clone(),
                    });
                    expected.push(craft.is_valid());
                }
                Err(_) => assert!(craft.small_a, "{craft:?}"),
            }
        }
        assert!(claims.len() > 600 && expected.iter().filter(|valid| **valid).count() > 100);
        let alone: Vec<bool> = claims.iter().map(Claim::verify).collect();
        assert_eq!(alone, expected);
        let all: Vec<HashedClaim> = claims.iter().flat_map(Claim::hashed).collect();
        assert_eq!(HashedClaim::verify_all(&all), expected);
        // Only valid ones, so that they stand in one batch that must hold together.
        let only: Vec<HashedClaim> =
            claims.iter().filter(|claim| claim.verify()).flat_map(Claim::hashed).collect();
        assert!(HashedClaim::verify_all(&only).into_iter().all(|valid| valid));
        for size in [2, 5, 16] {
            for (claims, expected) in all.chunks(size).zip(expected.chunks(size)) {
                assert_eq!(HashedClaim::verify_all(claims), expected);
            }
        }
    }

    #[test]
    fn a_batch_finds_exactly_the_bad_ones() {
        let mut claims: Vec<Claim> = (0..50u8)
            .map(|n| {
                let key = SecretKey::from_seed(&[n % 7; 32]);
                let message = vec![n; 100];
                Claim { author: key.public(), signature: key.sign(&message), second: None, message }
            })
            .collect();
        for bad in [3, 4, 49] {
            claims[bad].message[0] ^= 1;
        }
        let valid =
            HashedClaim::verify_all(&claims.iter().flat_map(Claim::hashed).collect::<Vec<_>>());
        for (index, claim) in claims.iter().enumerate() {
            assert_eq!(valid[index], claim.verify());
            assert_eq!(valid[index], ![3, 4, 49].contains(&index));
        }
    }
}
