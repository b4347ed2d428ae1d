//! Sums of work ids: whatever the order in which records came, they are the same.

/// How many records, and the sum of their work ids.
pub type Sum = (u64, [u8; 32]);

/// Sum of two little-endian 256-bit integers, mod 2^256.
pub fn add(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (mut sum, mut carry) = ([0; 32], 0);
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        let byte = u16::from(*a) + u16::from(*b) + carry;
        *sum = byte as u8;
        carry = byte >> 8;
    }
    sum
}

/// What [`add`] makes 0.
pub fn negative(a: &[u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[0] = 1;
    add(&a.map(|byte| !byte), &one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_carry_and_wrap() {
        let mut one = [0; 32];
        one[0] = 1;
        let mut carried = [0; 32];
        carried[1] = 1;
        let mut byte = [0; 32];
        byte[0] = 0xff;
        assert_eq!(add(&byte, &one), carried);
        assert_eq!(add(&[0xff; 32], &one), [0; 32]);
        let any = std::array::from_fn(|at| (at * 37) as u8);
        assert_eq!(add(&any, &negative(&any)), [0; 32]);
        assert_eq!(add(&add(&byte, &any), &negative(&any)), byte);
    }
}
