//! Where in a pack's file things stand. It follows from the sizes of its records, in their order, alone.

/// Bytes of a page, which is a piece of the torrent: with 512 of them, the metadata stays within one block of 16 KiB.
pub const PAGE: usize = 32_768;

/// Bytes of a pack's file.
pub const MAX_PACK: usize = 512 * PAGE;

/// Items of a pack.
pub const MAX_COUNT: usize = 16_384;

/// Bytes of a pack's info dictionary. The largest possible one has 12,640: 512 × 20 of pieces, 511 × 4 of the page table,
/// and 356 besides.
pub const MAX_INFO: usize = 16_384;

/// Bytes that say how long a record's header is.
pub(crate) const LENGTH: usize = 2;

/// Pages that hold the work ids of so many items.
pub const fn id_pages(count: usize) -> usize {
    (count * 32).div_ceil(PAGE)
}

/// Goes through the records of a pack and says where each one stands.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    /// Where the last record ended.
    end: usize,
    /// Whether nothing may follow on the page where it ended.
    is_page_over: bool,
}

impl Cursor {
    /// Before the first of `count` records.
    pub const fn new(count: usize) -> Self {
        Self { end: id_pages(count) * PAGE, is_page_over: false }
    }

    /// Where a record of `size` bytes begins: one that fits a page crosses none, a larger one begins a page, and so does
    /// what follows it.
    pub fn place(&mut self, size: usize) -> usize {
        let left = (PAGE - self.end % PAGE) % PAGE;
        let start = if self.is_page_over || size > left { self.end + left } else { self.end };
        self.end = start + size;
        self.is_page_over = size > PAGE;
        start
    }

    /// Where the last record ended.
    pub const fn end(&self) -> usize {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(count: usize, sizes: &[usize]) -> (Vec<usize>, usize) {
        let mut cursor = Cursor::new(count);
        let starts = sizes.iter().map(|size| cursor.place(*size)).collect();
        (starts, cursor.end())
    }

    #[test]
    fn small_records_cross_no_page_and_large_ones_stand_alone() {
        let page = PAGE;
        assert_eq!(starts(1, &[100, 200]), (vec![page, page + 100], page + 300));
        assert_eq!(
            starts(1, &[page - 1, 1, 1]),
            (vec![page, 2 * page - 1, 2 * page], 2 * page + 1)
        );
        assert_eq!(starts(1, &[page, page]), (vec![page, 2 * page], 3 * page));
        let expected = vec![page, 2 * page, 4 * page];
        assert_eq!(starts(1, &[5, page + 1, 5]), (expected, 4 * page + 5));
        // Even where a large one fills its last page to the end.
        assert_eq!(starts(1, &[2 * page, 5]), (vec![page, 3 * page], 3 * page + 5));
    }

    #[test]
    fn a_page_has_1024_ids() {
        assert_eq!([1, 1_024, 1_025, 16_384].map(id_pages), [1, 1, 2, 16]);
    }
}
