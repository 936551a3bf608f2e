//! Each format of files by itself: neither pieces nor budgets change what is seen of it, clearance only
//! grows, and no finding starts before it.

use crate::targets::targets;

// The first two bytes choose limits and pieces, the rest is the file.
targets! {
    "Files of the format", gateway_content::content_format:
    format_alz "alz",
    format_ar "ar",
    format_arj "arj",
    format_binhex "binhex",
    format_bzip2 "bzip2",
    format_cab "cab",
    format_chm "chm",
    format_compress "compress",
    format_cpio "cpio",
    format_dmg "dmg",
    format_egg "egg",
    format_fat "fat",
    format_form "form",
    format_gzip "gzip",
    format_hfs "hfs",
    format_html "html",
    format_hwp "hwp",
    format_install_shield "install_shield",
    format_iso "iso",
    format_json "json",
    format_lzh "lzh",
    format_lz4 "lz4",
    format_lzip "lzip",
    format_lzma "lzma",
    format_mac_binary "mac_binary",
    format_mach_o "mach_o",
    format_mail "mail",
    format_nsis "nsis",
    format_ole "ole",
    format_onenote "onenote",
    format_partitions "partitions",
    format_pdf "pdf",
    format_program "program",
    format_rar "rar",
    format_rpm "rpm",
    format_rtf "rtf",
    format_seven_zip "seven_zip",
    format_sis "sis",
    format_swf "swf",
    format_szdd "szdd",
    format_tar "tar",
    format_text "text",
    format_tnef "tnef",
    format_udf "udf",
    format_uu "uu",
    format_wim "wim",
    format_xar "xar",
    format_xz "xz",
    format_yenc "yenc",
    format_zip "zip",
    format_zstd "zstd",
}

#[test]
fn each_format_has_a_target() {
    assert_eq!(NAMES, gateway_content::content_formats());
}
