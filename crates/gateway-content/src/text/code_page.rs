//! Code pages of Windows by their numbers, as documents name their charsets.

use encoding_rs::Encoding;

/// The charset of a code page, where it is known.
pub(crate) fn of_code_page(number: u32) -> Option<&'static Encoding> {
    Some(match number {
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1252 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 => encoding_rs::MACINTOSH,
        10_007 => encoding_rs::X_MAC_CYRILLIC,
        20_866 => encoding_rs::KOI8_R,
        21_866 => encoding_rs::KOI8_U,
        51_932 => encoding_rs::EUC_JP,
        54_936 => encoding_rs::GB18030,
        65_001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

/// The code page of a font by the number of its charset ([MS-WMF], section 2.1.1.5).
pub(crate) fn of_font_charset(number: u32) -> Option<&'static Encoding> {
    of_code_page(match number {
        0 => 1252,
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_are_known_by_number() {
        assert_eq!(of_code_page(1251), Some(encoding_rs::WINDOWS_1251));
        assert_eq!(of_font_charset(204), Some(encoding_rs::WINDOWS_1251));
        assert_eq!(of_font_charset(128), Some(encoding_rs::SHIFT_JIS));
        assert_eq!((of_code_page(1), of_font_charset(2)), (None, None));
    }
}
