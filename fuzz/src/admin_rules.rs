//! Rules as they come to the admin API, in Cloudflare's JSON form: what is written of them is read
//! again and says the same, and nothing of the text around them is lost.

use gateway_admin::rewrite_rules;

const TEXT: &str = "# The rules.\n\n# about a\n[[rule]]\nid = \"a\" # mine\nname = 'A'\n\
    layer = \"http\"\naction = \"block\"\nfilter = '''\nx == 1\n'''\n\n[[rule]]\nid = \"c\"\n\
    layer = \"http\"\naction = \"redirect\"\nfilter = \"z\"\n[rule.redirect]\n\
    to = \"https://a.example/\" # there\n";

/// The bytes are the body of a request that replaces all rules.
pub fn admin_rules(data: &[u8]) {
    let Ok(text) = rewrite_rules(TEXT, data) else { return };
    assert!(text.starts_with("# The rules.\n"), "the opening is lost: {text}");
    let again = rewrite_rules(&text, data).expect("what was written is read");
    assert_eq!(again, text, "the same rules are written otherwise");
}
