//! Ids of requests and messages.

use std::cell::RefCell;

/// Random bytes that were asked for and aren't used yet.
#[derive(Default)]
struct Store {
    bytes: Vec<u8>,
}

/// So many ids are made of what the operating system gives at a time.
const IDS: usize = 64;

thread_local! {
    static STORE: RefCell<Store> = RefCell::default();
}

/// Returns a random id, a UUID of version 4.
pub(super) fn request_id() -> String {
    let bits = STORE.with_borrow_mut(Store::take);
    // Version 4, variant 1 (RFC 9562).
    let bits = (bits & !(0xf << 76) | (0x4 << 76)) & !(0x3 << 62) | (0x2 << 62);
    let mut text = String::with_capacity(36);
    for at in (0..32).rev() {
        let digit = u32::try_from(bits >> (4 * at) & 0xf).unwrap_or(0);
        text.extend(char::from_digit(digit, 16));
        if [24, 20, 16, 12].contains(&at) {
            text.push('-');
        }
    }
    text
}

impl Store {
    fn take(&mut self) -> u128 {
        if self.bytes.len() < 16 {
            self.bytes.resize(16 * IDS, 0);
            getrandom::fill(&mut self.bytes).expect("the operating system has random numbers");
        }
        let rest = self.bytes.len() - 16;
        let bytes = self.bytes.split_off(rest);
        bytes
            .iter()
            .fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_uuids_and_none_comes_twice() {
        let ids: BTreeSet<String> = (0..1000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!("89ab".contains(char::from(id.as_bytes()[19])), "{id}");
        }
    }
}
