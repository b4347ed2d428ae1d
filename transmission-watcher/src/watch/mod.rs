//! The watch folder.

mod file;

pub(crate) use file::read_small;
