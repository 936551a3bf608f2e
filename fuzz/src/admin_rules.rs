//! Rules as they come to the admin API, in Cloudflare's JSON form: what is written of them is read
//! again and says the same, and nothing of the text around them is lost. As rules to import they
//! become a text that is read, and what is left out is told.

use gateway_admin::{import, rewrite_rules};

const TEXT: &str = "# The rules.\n\n# about a\n[[rule]]\nid = \"a\" # mine\nname = 'A'\n\
    layer = \"http\"\naction = \"block\"\nfilter = '''\nx == 1\n'''\n\n[[rule]]\nid = \"c\"\n\
    layer = \"http\"\naction = \"redirect\"\nfilter = \"z\"\n[rule.redirect]\n\
    to = \"https://a.example/\" # there\n";

/// The bytes are the body of a request that replaces all rules.
pub fn admin_rules(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        imports(text);
    }
    let Ok(text) = rewrite_rules(TEXT, data) else { return };
    assert!(text.starts_with("# The rules.\n"), "the opening is lost: {text}");
    let again = rewrite_rules(&text, data).expect("what was written is read");
    assert_eq!(again, text, "the same rules are written otherwise");
}

fn imports(json: &str) {
    let Ok(imported) = import(json) else { return };
    let none = rewrite_rules(&imported.rules, br#"{"rules": []}"#);
    assert!(none.is_ok(), "what was imported is no TOML: {}", imported.rules);
    let told = imported.rules.matches("# not carried over: ").count();
    assert!(told >= imported.left.len(), "something is left out in silence: {}", imported.rules);
}
