//! 256 rules as they are written for secrets and for numbers of people: names with a value, tokens
//! with a prefix, a few without bounds, and numbers without any literal. In the syntax that
//! Vectorscan has too.

use gateway_benches::Dice;

/// Services that a value may be assigned to.
const NAMES: &str = "acorn adverity airfield almanac amberly apiary arcadia artisan asterly atlas \
    auth azimuth backlog bamboo bastion beacon bitline blueprint boxcar brevity bridge buildly \
    cadence campfire canvas capital cargo catalog cedar charter checkly circle citadel clearbit \
    client cloudline cobalt codebase collect compass console copper coral courier credential \
    crescent datadrive delta deploy dispatch dockyard domain dynamo echo eclipse ember engine \
    falcon feather fidelity figment finance firefly fleet fluent foundry galaxy garnet gateway \
    github glacier granite gravity harbor harvest helium hermes horizon hubline indigo insight \
    intercom iris ivory jasper jigsaw junction kestrel keystone lantern lattice ledger linear \
    lumen mailer maple meridian meteor mosaic nebula nimbus onyx orbit orchid outpost paladin \
    passwd password";

/// What values look like.
const VALUES: [&str; 8] = [
    "[a-z0-9]{32}",
    "[a-f0-9]{40}",
    "[a-z0-9_-]{24,40}",
    "[0-9]{16,18}",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "[a-z0-9=_-]{64}",
    "(?:live|test)_[a-f0-9]{35}",
    "[a-z0-9+/]{43}=",
];

/// Rules of their own kind, most of them without a longest match.
const SPECIAL: [(&str, &str); 9] = [
    ("private-key", "-----BEGIN[ A-Z0-9_-]{0,80}PRIVATE KEY-----[A-Za-z0-9+/=\\s]{64,}"),
    ("json-web-token", r"\bey[A-Za-z0-9]{18,}\.ey[A-Za-z0-9/_-]{18,}\.[A-Za-z0-9/_-]{10,}"),
    ("access-key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("url-password", r"\b(?:https?|ftp|ssh)://[\w.-]{1,64}:[^@/\s]{6,64}@"),
    ("bearer", r#"(?i)authorization['"]?\s{0,3}[:=]\s{0,3}['"]?bearer\s+[\w=~.+/-]{20,}"#),
    (
        "api-key",
        r#"(?i)[\w.-]{0,40}?(?:api|secret|token|key)[ \t\w.-]{0,20}['"]?\s{0,3}(?:=>?|:=?)\s{0,3}['"]?[\w.=-]{24,150}(?:['"\s;]|\z)"#,
    ),
    ("hex-key", r"\b[a-fA-F0-9]{40}\b"),
    ("webhook", r"hooks\.chat\.example/(?:services|workflows)/[A-Za-z0-9+/]{43,56}"),
    ("marked", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_lic\b"),
];

/// Numbers of cards, accounts and people.
const NUMBERS: [&str; 37] = [
    r"\b[0-8]\d\d[- ]\d\d[- ]\d{4}\b",
    r"\b9\d\d-[5-9]\d-\d{4}\b",
    r"\b4\d{3}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
    r"\b5[1-5]\d\d[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
    r"\b3[47]\d\d[- ]?\d{6}[- ]?\d{5}\b",
    r"\b3(?:0[0-5]|[689]\d)\d[- ]?\d{6}[- ]?\d{4}\b",
    r"\b62\d\d[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}(?:[- ]?\d{3})?\b",
    r"\b6(?:011|5\d\d)[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
    r"\b35\d\d[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
    r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    r"\b[A-Z]{4}(?:AT|CH|DE|ES|FR|GB|IT|NL|US)[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b",
    r"\b(?:0\d|1[0-2]|2[1-9]|3[0-2])\d{7}\b",
    r"\(?\b[2-9]\d\d\)?[-. ][2-9]\d\d[-. ]\d{4}\b",
    r"\b\+?\d{1,3}[ -]\d{2,4}[ -]\d{3,4}[ -]\d{3,4}\b",
    r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,12}\b",
    r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b",
    r"\b\d{3} \d{3} \d{4}\b",
    r"\b[1-79]\d\d[- ]\d{3}[- ]\d{3}\b",
    r"\b\d{2,3} \d{3} \d{3}\b",
    r"\b\d\d \d{3} \d{3} \d{3}\b",
    r"\b[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d\d ?\d{3} ?\d{3} ?\d\d\b",
    r"\b[1-9]\d ?\d{3} ?\d{3} ?\d{3}\b",
    r"\b(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z]\b",
    r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b",
    r"\b[STFGM]\d{7}[A-Z]\b",
    r"\b[A-Z]{1,2}\d{6}\([0-9A]\)",
    r"\b[A-Z][12]\d{8}\b",
    r"\b\d-\d{4}-\d{5}-\d\d-\d\b",
    r"\b\d{6}-\d\d-\d{4}\b",
    r"\b[2-9]\d{3} \d{4} \d{4}\b",
    r"\b[A-Z]{5}\d{4}[A-Z]\b",
    r"\b\d{3}\.\d{3}\.\d{3}-\d\d\b",
    r"\b\d\d\.\d{3}\.\d{3}/\d{4}-\d\d\b",
    r"\b[A-Z]\d{8}\b",
    r"\b(?:bc1[a-z0-9]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b",
    r"\b0x[0-9a-fA-F]{40}\b",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
];

/// The rules, by name, and the literals that they hold.
pub(super) fn rules() -> (Vec<(String, String)>, Vec<String>) {
    let mut rules = Vec::new();
    let mut literals = Vec::new();
    for (name, value) in NAMES.split_whitespace().zip(VALUES.iter().cycle()) {
        let pattern = format!(
            r#"(?i)[\w.-]{{0,40}}?(?:{name})[ \t\w.-]{{0,20}}['"]?\s{{0,3}}(?:=>?|:=?|,)\s{{0,3}}['"]?(?:{value})(?:['"\s;]|\z)"#
        );
        rules.push((format!("name-{name}"), pattern));
        literals.push(format!("{name} = "));
    }
    let special = SPECIAL.iter().map(|(name, pattern)| (name.to_string(), pattern.to_string()));
    rules.extend(special);
    let numbers = NUMBERS.iter().enumerate();
    rules.extend(numbers.map(|(index, pattern)| (format!("number-{index}"), pattern.to_string())));
    let mut dice = Dice::new(11);
    while rules.len() < 256 {
        let mut letters = |count: usize| -> String {
            (0..count).map(|_| char::from(*dice.pick(b"abcdefghiklmnoprstuvwyz"))).collect()
        };
        let (short, long) = (letters(3), letters(5));
        let index = rules.len();
        let (literal, pattern) = match index % 5 {
            0 => (format!("{short}_"), format!(r"\b{short}_[A-Za-z0-9]{{36}}\b")),
            1 => (format!("{long}-"), format!("{long}-[0-9a-zA-Z_-]{{20}}")),
            2 => (format!("{short}-v1_"), format!(r"\b{short}-v1_[a-f0-9]{{64}}\b")),
            3 => (format!("{long}."), format!(r"\b{long}\.(?i:[a-z0-9_=-]{{43,86}})")),
            _ => (format!("{long}_live_"), format!("{long}_(?:live|test)_[a-zA-Z0-9]{{10,99}}")),
        };
        rules.push((format!("token-{index}"), pattern));
        literals.push(literal);
    }
    (rules, literals)
}
