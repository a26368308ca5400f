//! A file that is far too large.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut bytes = vec![0; 100 << 20];
    bytes[..4].copy_from_slice(b"\0asm");
    vec![Case::load(bytes, "104857600 bytes long, more than the 64 MiB allowed")]
}
