//! Keys and signatures that no careful signer makes: torsion components, encodings that are not
//! canonical, and plain lies.

use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION},
    scalar::Scalar,
};
use sha2::{Digest as _, Sha512};

/// One way to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Craft {
    /// Which of the 8 torsion points is added to A.
    pub a: usize,
    /// Which is added to R.
    pub r: usize,
    /// Whether A has no part of prime order, only the torsion point.
    pub small_a: bool,
    /// The same of R.
    pub small_r: bool,
    /// What is wrong besides.
    pub fault: Fault,
}

/// What is wrong besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// S + L instead of S.
    LargeS,
    /// S + 1 instead of S.
    OtherS,
    /// R's y is written as y + p (only of small order can it be).
    UnreducedR,
    /// A's y is written as y + p.
    UnreducedA,
    /// R is no point.
    NoR,
    /// A is no point.
    NoA,
}

impl Craft {
    /// An honest signature.
    pub const HONEST: Self =
        Self { a: 0, r: 0, small_a: false, small_r: false, fault: Fault::None };

    /// Whether ZIP 215 with canonical A, not of small order, takes it.
    pub fn is_valid(&self) -> bool {
        !self.small_a && matches!(self.fault, Fault::None | Fault::UnreducedR)
    }

    /// The key and what signs with it.
    pub fn key(self, seed: u64) -> ([u8; 32], impl Fn(&[u8]) -> [u8; 64]) {
        let scalar = |what: &str| {
            Scalar::from_bytes_mod_order_wide(&hash(&[what.as_bytes(), &seed.to_le_bytes()]))
        };
        let secret = if self.small_a { Scalar::ZERO } else { scalar("secret") };
        let mut public = (B * secret + EIGHT_TORSION[self.a]).compress().to_bytes();
        match self.fault {
            Fault::UnreducedA => unreduce(&mut public),
            Fault::NoA => public = no_point(),
            _ => {}
        }
        let nonce = if self.small_r { Scalar::ZERO } else { scalar("nonce") };
        let sign = move |message: &[u8]| {
            let mut r = (B * nonce + EIGHT_TORSION[self.r]).compress().to_bytes();
            match self.fault {
                Fault::UnreducedR => unreduce(&mut r),
                Fault::NoR => r = no_point(),
                _ => {}
            }
            let k = Scalar::from_bytes_mod_order_wide(&hash(&[&r, &public, message]));
            let mut s = nonce + k * secret;
            if self.fault == Fault::OtherS {
                s += Scalar::ONE;
            }
            let mut s = s.to_bytes();
            if self.fault == Fault::LargeS {
                add_order(&mut s);
            }
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&r);
            signature[32..].copy_from_slice(&s);
            signature
        };
        (public, sign)
    }

    /// Every combination that makes sense.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for a in 0..8 {
            for r in 0..8 {
                for (small_a, small_r) in
                    [(false, false), (false, true), (true, false), (true, true)]
                {
                    for fault in [Fault::None, Fault::LargeS, Fault::OtherS, Fault::NoR, Fault::NoA]
                    {
                        all.push(Self { a, r, small_a, small_r, fault });
                    }
                    // Only y = 0 and y = 1 stay below 2^255 when p is added: orders 4 and 1.
                    if small_r && [0, 2, 6].contains(&r) {
                        let fault = Fault::UnreducedR;
                        all.push(Self { a, r, small_a, small_r, fault });
                    }
                    if small_a && [0, 2, 6].contains(&a) {
                        let fault = Fault::UnreducedA;
                        all.push(Self { a, r, small_a, small_r, fault });
                    }
                }
            }
        }
        all
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// y becomes y + p, with p = 2^255 − 19; the sign bit stays.
fn unreduce(point: &mut [u8; 32]) {
    let sign = point[31] & 0x80;
    assert!(point[0] < 19 && point[1..31].iter().all(|b| *b == 0) && point[31] == sign);
    let low = point[0];
    *point = [0xff; 32];
    point[0] = 0xed + low;
    point[31] = 0x7f | sign;
}

/// y = 2 is not on the curve.
fn no_point() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    bytes
}

/// Adds L = 2^252 + 27742317777372353535851937790883648493.
fn add_order(s: &mut [u8; 32]) {
    const L: [u8; 32] = *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    let mut carry = 0;
    for (byte, add) in s.iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}
