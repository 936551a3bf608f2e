//! Whole policy folders: what loads, and what is said of what does not.

use super::*;
use crate::config::AvDatabases;
use crate::scratch::Scratch;
use crate::state;

fn folder(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    for (name, contents) in files {
        scratch.write(name, contents);
    }
    scratch
}

/// The problems in the folder, without its path.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let scratch = folder(files);
    let root = format!("{}/", scratch.path().display());
    let error = load(scratch.path(), &AvDatabases::default()).unwrap_err();
    error.problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect()
}

fn check(files: &[(&str, &str)], expect: &[(&str, &str)]) {
    let got = problems(files);
    assert_eq!(got.len(), expect.len(), "{got:#?}");
    for (problem, (at, says)) in got.iter().zip(expect) {
        assert!(problem.starts_with(&format!("{at}: ")) && problem.contains(says), "{problem}");
    }
}

#[test]
fn the_default_policy_blocks_malware_and_logs_data_loss() {
    let scratch = Scratch::new();
    state::create(scratch.path()).unwrap();
    let policy = load(&scratch.path().join("policy"), &AvDatabases::default()).unwrap();
    assert!(policy.warnings.is_empty(), "{:?}", policy.warnings);
    let modes: Vec<_> =
        policy.rules.rules().iter().map(|rule| (&*rule.id, rule.is_enforcing())).collect();
    let expect = [
        ("malware", true),
        ("unscannable", true),
        ("dlp-financial", false),
        ("dlp-personal", false),
        ("dlp-credentials", false),
    ];
    assert_eq!(modes, expect);
    assert_eq!(policy.dlp.profiles().count(), 3);
    assert_eq!(policy.dlp.entries().count(), 5);
    assert_eq!(policy.av.signatures(), 1);
    assert_eq!(builtin_dlp().unwrap().dlp.profiles().count(), 3);
}

#[test]
fn every_setting_of_a_rule_arrives() {
    let scratch = folder(&[(
        "rules.toml",
        r#"
        [[rule]]
        id = "go"
        name = "Go there"
        layer = "http"
        action = "redirect"
        redirect = { to = "https://there.example/", keep_path = true }
        filter = 'http.request.host == "here.example"'
        [[rule]]
        id = "net"
        layer = "l4"
        action = "block"
        filter = "net.dst.port == 25"
        log_only = true
        [[rule]]
        id = "asleep"
        layer = "http"
        action = "allow"
        filter = "av.infected"
        enabled = false
        "#,
    )]);
    let policy = load(scratch.path(), &AvDatabases::default()).unwrap();
    let [go, net] = policy.rules.rules() else { panic!("{:?}", policy.rules.rules()) };
    let redirect = gateway_rules::Redirect {
        to: "https://there.example/".into(),
        keep: gateway_rules::KeepPath::PathAndQuery,
    };
    assert_eq!((&*go.id, &*go.name), ("go", "Go there"));
    assert_eq!(go.action, gateway_rules::Action::Redirect(redirect));
    assert!(go.is_enforcing() && !net.is_enforcing());
    assert_eq!((net.layer, &*net.name), (gateway_rules::Layer::Network, "net"));
}

#[test]
fn rules_relax_checks_by_name() {
    let rule = |action: &str, checks: &str| {
        format!(
            "[[rule]]\nid = \"{action}\"\nlayer = \"http\"\naction = \"{action}\"\n\
             filter = 'http.request.host == \"old.example\"'\nchecks = {checks}\n"
        )
    };
    let good = rule("allow", "{ field-folded = \"repair\", expect-unknown = \"observe\" }");
    let policy = load(folder(&[("rules.toml", &good)]).path(), &AvDatabases::default()).unwrap();
    let checks: Vec<_> = policy.rules.rules()[0].checks.iter().collect();
    assert_eq!(
        checks.iter().map(|(check, severity)| (&***check, &***severity)).collect::<Vec<_>>(),
        [("expect-unknown", "observe"), ("field-folded", "repair")]
    );
    let bad = rule("allow", "{ field-foldd = \"repair\", head-nul = \"repair\" }");
    check(
        &[("rules.toml", &format!("{bad}{}", rule("block", "{ field-folded = \"repair\" }")))],
        &[
            ("rules.toml:6:26", "no check is called `field-foldd`; did you mean `field-folded`?"),
            ("rules.toml:6:47", "check `head-nul`: found `repair`, expected `reject`"),
            ("rules.toml:12:10", "`checks` belongs to `allow`, `noscan` and `forward`"),
        ],
    );
}

#[test]
fn rules_call_lists_by_name() {
    let rules = "[[rule]]\nid = \"paste\"\nlayer = \"http\"\naction = \"block\"\n\
                 filter = 'any(http.request.domains[*] in $paste-sites)'\n";
    let lists = "[[list]]\nid = \"paste-sites\"\nname = \"Paste\"\ntype = \"text\"\n\
                 entries = [\"paste.example\"]\n";
    let scratch = folder(&[("rules.toml", rules), ("lists.toml", lists)]);
    assert_eq!(load(scratch.path(), &AvDatabases::default()).unwrap().rules.rules().len(), 1);
    // Without the list there is no such rule.
    check(&[("rules.toml", rules)], &[("rules.toml:5:42", "no list is called `$paste-sites`")]);
    check(
        &[
            ("rules.toml", "[[rule]]\nid = 1"),
            (
                "lists.toml",
                "[[list]]\nid = \"a\"\ntype = \"ip\"\nentries = [\"192.0.2.1\", \"192.0.2.1/8\"]\n\
                 [[list]]\nid = \"b c\"\ntype = \"text\"\nentries = []\n\
                 [[list]]\nid = \"d\"\ntype = \"number\"\nentries = []\n\
                 [[list]]\nid = \"d\"\ntype = \"number\"\nentries = []\n",
            ),
        ],
        &[
            ("lists.toml:4:25", "list `a`: "),
            ("lists.toml:6:6", "list `b c`: a list is named with"),
            ("lists.toml:14:6", "the id `d` is taken by the list in line 10"),
        ],
    );
    check(
        &[("rules.toml", ""), ("lists.toml", "[[list]]\nid = \"a\"\ntype = \"ips\"\n")],
        &[("lists.toml:3:8", "ip")],
    );
}

/// A rule that names a list.
const ADS: &str = "[[rule]]\nid = \"ads\"\nlayer = \"http\"\naction = \"block\"\n\
    filter = 'http.request.host in $ads'\n";

#[test]
fn lists_are_read_from_files_of_many_formats() {
    let list =
        |kind: &str, rest: &str| format!("[[list]]\nid = \"ads\"\ntype = \"{kind}\"\n{rest}\n");
    for (kind, rest, files, warnings) in [
        ("domain", "file = \"a.txt\"", &[("lists/a.txt", "# x\na.example\n")][..], &[][..]),
        (
            "domain",
            "entries = [\"b.example\"]\nfile = \"x/a.txt\"\nformat = \"adblock\"",
            &[("lists/x/a.txt", "||a.example^\n@@||c.example^\n")],
            &["lists/x/a.txt:2:1: list `ads`: passed over from here on: exceptions, lines 1"],
        ),
        (
            "host",
            "file = \"hosts\"\nformat = \"hosts\"\nfaults = \"warn\"",
            &[("lists/hosts", "0.0.0.0 a.example\nb c\n")],
            &["lists/hosts:2:1: list `ads`: expected an address and names, found `b c`"],
        ),
        (
            "domain",
            "file = \"adult\"\nformat = \"ut1\"",
            &[("lists/adult/domains", "a.example\n"), ("lists/adult/urls", "b.example/x\n")],
            &["lists/adult/urls: list `ads`: not read: a list of the type `domain` cannot hold it"],
        ),
        (
            "url",
            "file = \"adult\"\nformat = \"ut1\"",
            &[("lists/adult/domains", "a.example\n"), ("lists/adult/urls", "b.example/x\n")],
            &[],
        ),
        (
            "text",
            "file = \"a.csv\"\nformat = \"csv\"",
            &[("lists/a.csv", "value\na,b\n")],
            &["lists/a.csv:1:1: list `ads`: passed over from here on: names of columns, lines 1"],
        ),
        ("domain", "file = \"z\"\nformat = \"rpz\"", &[("lists/z", "a.example CNAME .\n")], &[]),
    ] {
        let lists = list(kind, rest);
        let mut all = vec![("rules.toml", ADS), ("lists.toml", &*lists)];
        all.extend(files);
        let scratch = folder(&all);
        let loaded = load(scratch.path(), &AvDatabases::default()).unwrap();
        let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), warnings.len(), "{told:?}");
        for (told, expected) in told.iter().zip(warnings) {
            assert!(told.ends_with(expected), "{told}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_of_a_list_is_told_with_its_line() {
    let list = |rest: &str| format!("[[list]]\nid = \"ads\"\ntype = \"domain\"\n{rest}\n");
    let hundred = "a b\n".repeat(100);
    for (rest, contents, place, says) in [
        ("", "", "lists.toml:2:6", "list `ads`: expected `entries`, `file` or both"),
        ("entries = []\nformat = \"csv\"", "", "lists.toml:5:10", "`format` belongs to `file`"),
        ("entries = []\nfaults = \"warn\"", "", "lists.toml:5:10", "`faults` belongs to `file`"),
        ("file = \"../a.txt\"", "", "lists.toml:4:8", "expected a path below `lists/`"),
        ("file = \"/etc/passwd\"", "", "lists.toml:4:8", "expected a path below `lists/`"),
        ("file = \"b.txt\"", "", "lists.toml:4:8", "list `ads`: cannot read "),
        ("file = \"a.txt\"", "a.example\n\na b\n", "lists/a.txt:3:1", "`a b` is no name of a host"),
        ("file = \"a.txt\"", &hundred, "lists/a.txt", "84 more lines are wrong"),
    ] {
        let lists = list(rest);
        let scratch =
            folder(&[("rules.toml", ADS), ("lists.toml", &*lists), ("lists/a.txt", contents)]);
        let error = load(scratch.path(), &AvDatabases::default()).unwrap_err().to_string();
        let told = error.lines().any(|line| line.contains(place) && line.contains(says));
        assert!(told, "{rest}: {error}");
    }
}

#[test]
fn a_candidate_is_checked_with_the_databases_that_it_would_get() {
    let rules =
        "[[rule]]\nid = \"av\"\nlayer = \"http\"\naction = \"block\"\nfilter = \"av.infected\"\n";
    let there = folder(&[("rules.toml", rules), ("av/own.hdb", "no digest\n")]);
    let texts = folder(&[("rules.toml", rules)]);
    let error = load_parts(texts.path(), there.path(), &AvDatabases::default(), None).unwrap_err();
    assert!(error.to_string().contains("own.hdb"), "{error}");
    there.write("av/own.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Own.Eicar\n");
    let loaded = load_parts(texts.path(), there.path(), &AvDatabases::default(), None).unwrap();
    assert_eq!(loaded.av.signatures(), 2, "ours and the one that is built in");
}

#[test]
fn wrong_rules_are_told_with_their_place_all_at_once() {
    check(
        &[(
            "rules.toml",
            r#"[[rule]]
id = "a"
layer = "http"
action = "blok"
filter = "av.infected"

[[rule]]
id = "b"
layer = "http"
action = "isolate"
filter = "av.infected"

[[rule]]
id = "a"
layer = "http"
action = "block"
filter = '''
http.request.method == "GET"
  and http.request.hots == "x"
'''

[[rule]]
id = "c"
layer = "http"
action = "block"
filter = "http.request.host == \"\u00e9\" and http.request.hots == \"x\""
enabled = false
"#,
        )],
        &[
            ("rules.toml:4:10", "did you mean `block`?"),
            ("rules.toml:10:10", "`isolate` is not offered"),
            ("rules.toml:14:6", "the id `a` is taken by the rule in line 2"),
            ("rules.toml:19:7", "did you mean `http.request.host`?"),
            ("rules.toml:26:47", "did you mean `http.request.host`?"),
        ],
    );
}

#[test]
fn forms_that_do_not_fit_are_told() {
    for (text, at, says) in [
        ("[[rules]]\n", "rules.toml:1:3", "did you mean `rule`?"),
        ("[[rule]]\nid = \"a\"\nlayer = \"dns\"\n", "rules.toml:3:9", "`http` or `l4`"),
        ("[[rule]]\nid = \"a\"\n", "rules.toml:1:1", "missing field `layer`"),
    ] {
        check(&[("rules.toml", text)], &[(at, says)]);
    }
    let got = problems(&[]);
    assert!(got.len() == 1 && got[0].starts_with("cannot read rules.toml"), "{got:?}");
}

#[test]
fn wrong_profiles_and_entries_are_told_all_at_once() {
    check(
        &[
            ("rules.toml", ""),
            (
                "dlp.toml",
                r#"[[profile]]
id = "p"
entries = ["payment_cart"]

[[entry]]
id = "e"
regex = 'ab(c'

[[profile]]
id = "q"
entries = ["e", "us_ssn"]
matches_min = 0
"#,
            ),
        ],
        &[
            ("dlp.toml:2:6", "did you mean `payment_card`?"),
            ("dlp.toml:7:12", "entry `e`"),
            ("dlp.toml:10:6", "matches_min is 0"),
        ],
    );
    check(
        &[
            ("rules.toml", ""),
            (
                "dlp.toml",
                "[[entry]]\nid = \"n\"\n[[entry]]\nid = \"r\"\nregex = 'x'\ncase = \"sensitive\"\n",
            ),
        ],
        &[
            ("dlp.toml:2:6", "one of `regex`, `words`, `dataset` and `fingerprints`"),
            ("dlp.toml:4:6", "belongs to `words`"),
        ],
    );
}

#[test]
fn predefined_profiles_are_taken_by_name() {
    let text = "predefined = [\"financial_information\", \"credentials_and_secrets\"]\n";
    let scratch = folder(&[("rules.toml", ""), ("dlp.toml", text)]);
    let policy = load(scratch.path(), &AvDatabases::default()).unwrap();
    let ids: Vec<_> = policy.dlp.profiles().map(|profile| &*profile.id).collect();
    assert_eq!(ids, ["credentials_and_secrets", "financial_information"]);
    assert!(policy.dlp.entries().any(|entry| &*entry.id == "iban"));

    let twice = "predefined = [\"health_information\"]\n\
                 [[profile]]\nid = \"health_information\"\nentries = [\"us_npi\"]\n";
    check(&[("rules.toml", ""), ("dlp.toml", twice)], &[("dlp.toml:3:6", "health_information")]);
    let typo = "predefined = [\n  \"credentials_and_secret\",\n  \"wealth\",\n]\n";
    check(
        &[("rules.toml", ""), ("dlp.toml", typo)],
        &[
            ("dlp.toml:2:3", "did you mean `credentials_and_secrets`?"),
            ("dlp.toml:3:3", "no predefined profile `wealth`"),
        ],
    );
}

#[test]
fn databases_are_loaded_by_extension() {
    let scratch = folder(&[
        ("rules.toml", ""),
        ("av/a.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Test.A\n"),
        ("av/b.ndb", "Test.B:0:*:61626364\nTest.C:4:*:6162\n"),
        ("av/c.idb", "of another kind"),
        ("av/d.bin", "whatever"),
        ("av/README.md", "a note"),
        ("av/.hidden.ndb", "junk"),
    ]);
    let policy = load(scratch.path(), &AvDatabases::default()).unwrap();
    assert_eq!(policy.av.signatures(), 3);
    let warnings: Vec<String> = policy.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.len() == 3 && warnings[0].contains("1 unsupported"), "{warnings:?}");
    assert!(
        warnings[1].contains("c.idb: 0 loaded, 1 unsupported (1 kind of file)"),
        "{warnings:?}"
    );
    assert!(warnings[2].contains("d.bin: not loaded"), "{warnings:?}");

    check(
        &[("rules.toml", ""), ("av/a.hdb", "junk\n"), ("av/b.ndb", "A:0:*:6162\nB:0:*:6x\n")],
        &[("av/a.hdb:1:1", "digest"), ("av/b.ndb:2:8", "hex")],
    );
}

#[test]
fn profiles_that_rules_name_must_be_there_to_mean_something() {
    let scratch = folder(&[
        (
            "rules.toml",
            "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\n\
             filter = 'any(dlp.profiles[*] in {\"cards\" \"card\"})'\n",
        ),
        ("dlp.toml", "[[profile]]\nid = \"cards\"\nentries = [\"payment_card\"]\n"),
    ]);
    let policy = load(scratch.path(), &AvDatabases::default()).unwrap();
    let warnings: Vec<String> = policy.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("rules.toml:5:43: no profile is called `card`"), "{warnings:?}");
    assert!(warnings[0].ends_with("did you mean `cards`?"), "{warnings:?}");
}

#[test]
fn workers_are_loaded_with_all_their_modules() {
    let rule = "[[rule]]\nid = \"f\"\nlayer = \"http\"\naction = \"forward\"\nworker = \"two\"\n\
                filter = 'http.request.host == \"a.example\"'\n";
    let scratch = folder(&[
        ("rules.toml", rule),
        ("workers/one/index.js", "1"),
        ("workers/two/main.mjs", "2"),
        ("workers/two/lib/deep/help.js", "3"),
        ("workers/two/notes.md", "no module"),
        ("workers/two/worker.toml", "main = \"main.mjs\"\nfetch = [\"API.example\"]\n"),
        ("workers/README.md", "no worker"),
    ]);
    let policy = load(scratch.path(), &AvDatabases::default()).unwrap();
    let [one, two] = &policy.workers[..] else { panic!("{:?}", policy.workers) };
    assert_eq!((one.name.as_str(), two.name.as_str()), ("one", "two"));
    let modules: Vec<&str> = two.modules.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(modules, ["lib/deep/help.js", "main.mjs"]);
    assert!(two.settings.hosts().admits("api.example"));
    assert_eq!(policy.rules.rules()[0].action, gateway_rules::Action::Forward("two".into()));
    scratch.write("workers/two/lib/deep/help.js", "4");
    let changed = load(scratch.path(), &AvDatabases::default()).unwrap();
    assert_eq!(changed.workers[0].version, one.version);
    assert_ne!(changed.workers[1].version, two.version);
}

#[test]
fn wrong_workers_are_told_with_their_place_all_at_once() {
    check(
        &[
            (
                "rules.toml",
                "[[rule]]\nid = \"f\"\nlayer = \"http\"\naction = \"forward\"\n\
                 worker = \"on\"\nfilter = 'http.request.host == \"a.example\"'\n\
                 [[rule]]\nid = \"g\"\nlayer = \"http\"\naction = \"block\"\n\
                 worker = \"one\"\nfilter = 'http.request.host == \"a.example\"'\n",
            ),
            ("workers/one/index.js", ""),
        ],
        &[
            ("rules.toml:5:10", "no worker is called `on`; did you mean `one`?"),
            ("rules.toml:10:10", "the action `block` takes no worker"),
        ],
    );
    let wrong = problems(&[("rules.toml", ""), ("workers/a b/index.js", "")]);
    assert!(wrong[0].contains("a worker's name has up to 64"), "{wrong:?}");
}

#[test]
fn what_has_not_changed_is_taken_from_the_policy_before() {
    let rule = |id: usize, port: usize| {
        format!(
            "[[rule]]\nid = \"r{id}\"\nlayer = \"l4\"\naction = \"block\"\n\
             filter = 'net.dst.port == {port} and net.dst.ip in $nets'\n"
        )
    };
    let rules = |port: usize| -> String {
        (0..40).map(|id| rule(id, if id == 20 { port } else { id })).collect()
    };
    let list = |name: &str, entry: &str| {
        format!("[[list]]\nid = \"{name}\"\ntype = \"ip\"\nentries = [\"{entry}\"]\n")
    };
    let nets = list("nets", "192.0.2.0/24");
    let scratch = folder(&[("rules.toml", &rules(20)), ("lists.toml", &nets)]);
    let first = load(scratch.path(), &AvDatabases::default()).unwrap().rules;
    assert_eq!(first.compiled_anew(), 40);
    let before = Before { rules: &first, av: None };
    let again = || load_after(before, scratch.path(), &AvDatabases::default()).unwrap().rules;
    assert_eq!(again().compiled_anew(), 0);
    // Lines above the rules move them, and change none.
    scratch.write("rules.toml", format!("# ours\n\n{}", rules(9_000)));
    let one = again();
    assert_eq!(one.compiled_anew(), 1);
    assert!(one.rules()[20].filter.contains("9000"));
    assert!(Arc::ptr_eq(first.lists().find("nets").unwrap(), one.lists().find("nets").unwrap()));
    // Rules hold their lists.
    let more = list("more", "198.51.100.0/24");
    scratch.write("lists.toml", format!("{nets}{more}"));
    let other = again();
    assert_eq!(other.compiled_anew(), 40);
    assert!(Arc::ptr_eq(first.lists().find("nets").unwrap(), other.lists().find("nets").unwrap()));
    scratch.write("lists.toml", list("nets", "203.0.113.0/24"));
    let changed = again();
    assert_eq!(changed.compiled_anew(), 40);
    assert_ne!(first.lists().find("nets"), changed.lists().find("nets"));
    scratch.write("rules.toml", rule(0, 1).replace("port ==", "port ="));
    let problems =
        load_after(before, scratch.path(), &AvDatabases::default()).unwrap_err().problems;
    assert!(problems[0].to_string().contains("rules.toml:5:"), "{}", problems[0]);
}
