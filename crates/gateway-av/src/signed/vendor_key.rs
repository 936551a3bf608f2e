//! Keys that a vendor's signatures are verified with, and the coding in which ClamAV writes numbers:
//! digits of six bits, the lowest one first.

use num_bigint::BigUint;

use super::SignatureError;
use super::rsa::PublicKey;

/// The digits of the coding, by their value.
const DIGITS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

/// Digits that a signature has at most: those of the longest key that is accepted.
const DIGITS_MAX: usize = 8192 / 6 + 1;

/// ClamAV's keys, as `libclamav` and `libfreshclam` hold them: modulus and exponent.
const CONTAINERS: (&str, u32) = (
    "118640995551645342603070001658453189751527774412027743746599405743243142607464144767361060640655844749760788890022283424922762488917565551002467771109669598189410434699034532232228621591089508178591428456220796841621637175567590476666928698770143328137383952820383197532047771780196576957695822641224262693037",
    100_001_027,
);
const MEMBERS: (&str, u32) = (
    "11088894983048545473659556106627194923928941791795047620591658697413581043322715912172496806525381055880964520618400224333320534660299233983755341740679502866829909679955734391392668378361221524205396631090105151641270857277080310734320951653700508941717419168723942507890702904702707587451621691050754307850383399865346487203798464178537392211402786481359824461197231102895415093770394216666324484593935762408468516826633192140826667923494822045805347809932848454845886971706424360558667862775876072059437703365380209101697738577515476935085469455279994113145977994084618328482151013142393373316337519977244732747977",
    100_002_049,
);
const SCRIPTS: (&str, u32) = (
    "14783905874077467090262228516557917570254599638376203532031989214105552847269687489771975792123442185817287694951949800908791527542017115600501303394778618535864845235700041590056318230102449612217458549016089313306591388590790796515819654102320725712300822356348724011232654837503241736177907784198700834440681124727060540035754699658105895050096576226753008596881698828185652424901921668758326578462003247906470982092298106789657211905488986281078346361469524484829559560886227198091995498440676639639830463593211386055065360288422394053998134458623712540683294034953818412458362198117811990006021989844180721010947",
    100_002_053,
);

/// A public RSA key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorKey(Option<PublicKey>);

impl VendorKey {
    /// A key by its modulus, in decimal digits, and its exponent. `None` if they are none of a key of
    /// 1,024 to 8,192 bits.
    #[must_use]
    pub fn new(modulus: &str, exponent: u32) -> Option<Self> {
        let modulus = BigUint::parse_bytes(modulus.as_bytes(), 10)?;
        Some(Self(Some(PublicKey::new(modulus, exponent.into())?)))
    }

    fn builtin((modulus, exponent): (&str, u32)) -> Self {
        // A test says that each of them is a key; without one nothing would verify.
        Self::new(modulus, exponent).unwrap_or(Self(None))
    }

    /// ClamAV's key of containers.
    #[must_use]
    pub fn clamav_containers() -> Self {
        Self::builtin(CONTAINERS)
    }

    /// ClamAV's key of lists of members.
    #[must_use]
    pub fn clamav_members() -> Self {
        Self::builtin(MEMBERS)
    }

    /// ClamAV's key of scripts.
    #[must_use]
    pub fn clamav_scripts() -> Self {
        Self::builtin(SCRIPTS)
    }

    fn key(&self) -> Result<&PublicKey, SignatureError> {
        self.0.as_ref().ok_or(SignatureError::Unsupported)
    }

    /// Verifies `text`, a signature without padding over an MD5.
    pub(crate) fn verify_md5(&self, md5: &[u8; 16], text: &[u8]) -> Result<(), SignatureError> {
        let key = self.key()?;
        let opened = key.open(&number(text)?)?;
        let (before, last) = opened.split_last_chunk().ok_or(SignatureError::Wrong)?;
        // ClamAV reads the lowest 16 bytes and no more; here the others have to be zeros.
        let holds = before.iter().all(|byte| *byte == 0) && last == md5;
        if holds { Ok(()) } else { Err(SignatureError::Wrong) }
    }

    /// Verifies `text`, a PSS signature over a SHA-256.
    pub(crate) fn verify_sha256(
        &self,
        digest: &[u8; 32],
        text: &[u8],
    ) -> Result<(), SignatureError> {
        self.key()?.verify_pss(digest, &number(text)?)
    }
}

/// The number that `text` stands for.
fn number(text: &[u8]) -> Result<BigUint, SignatureError> {
    if text.is_empty() {
        return Err(SignatureError::Missing);
    }
    if text.len() > DIGITS_MAX {
        return Err(SignatureError::Malformed);
    }
    let digit = |byte: &u8| DIGITS.iter().position(|one| one == byte);
    let digits = text.iter().map(|byte| digit(byte).and_then(|value| u8::try_from(value).ok()));
    let digits: Vec<u8> = digits.collect::<Option<_>>().ok_or(SignatureError::Malformed)?;
    BigUint::from_radix_le(&digits, 64).ok_or(SignatureError::Malformed)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A number in the coding, for tests that sign.
    pub(crate) fn text(number: &BigUint) -> String {
        let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
        number.to_radix_le(64).into_iter().map(digit).collect()
    }

    /// A header that ClamAV's signers have made, of a database of April 2020.
    #[test]
    fn a_signature_of_clamav_holds_and_no_other_does() {
        let md5 = 0x92ba_acd5_9fd2_6e6b_cf03_077a_dd78_d209_u128.to_be_bytes();
        let signature = b"4Jp9JtGJY6nUk8JHDQQpQeBwlfXqskvhXL+vesDNqAeWCmjbudU+Hy/Nj4/BH2vl70c/R5B/VYY\
            +eqqCQo6o7VGLqLJr/E+19gejqMp/iRcuHrtnLw6V/x3UjO3/qYVSlcJvAjtMI7FK32wjB+Sp8kaS/ZbfaFQp6trRQ\
            hisjqf";
        let key = VendorKey::clamav_containers();
        assert_eq!(key.verify_md5(&md5, signature), Ok(()));
        for bit in [0, 1, 64, 127] {
            let other = (u128::from_be_bytes(md5) ^ 1 << bit).to_be_bytes();
            assert_eq!(key.verify_md5(&other, signature), Err(SignatureError::Wrong));
        }
        let mut other = *signature;
        other[17] = b'a';
        assert_eq!(key.verify_md5(&md5, &other), Err(SignatureError::Wrong));
        other[17] = b'-';
        assert_eq!(key.verify_md5(&md5, &other), Err(SignatureError::Malformed));
        assert_eq!(key.verify_md5(&md5, b""), Err(SignatureError::Missing));
        let long = [b'9'; DIGITS_MAX + 1];
        assert_eq!(key.verify_md5(&md5, &long), Err(SignatureError::Malformed));
    }

    #[test]
    fn the_keys_are_keys() {
        for (modulus, exponent) in [CONTAINERS, MEMBERS, SCRIPTS] {
            assert!(VendorKey::new(modulus, exponent).is_some());
        }
        assert!(VendorKey::new("15", 3).is_none() && VendorKey::new("x", 3).is_none());
        assert_eq!(text(&number(b"abc9+/").unwrap()), "abc9+/");
    }
}
