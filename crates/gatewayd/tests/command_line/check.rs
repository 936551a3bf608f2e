//! `gateway-proxy check`: what is right is counted, what is wrong is told with file and line.

use crate::program::{Answer, Folder};

fn check(folder: &Folder) -> Answer {
    folder.run(&["check", "--state", "state"])
}

#[test]
fn a_fresh_state_folder_is_in_order() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["ca", "init", "--state", "state"]).status, 0);
    let answer = check(&folder);
    assert_eq!(answer.status, 0, "{answer:?}");
    for line in [
        "listen         127.0.0.1:8080 for loopback",
        "  rules        2 enforced, 3 logged only",
        "  DLP          3 profiles of 5 entries",
        "  malware      1 signatures",
    ] {
        assert!(answer.text().lines().any(|one| one == line), "{line}: {}", answer.text());
    }
    assert!(answer.text().ends_with("\nok\n"), "{}", answer.text());
}

#[test]
fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let folder = Folder::new();
    let answer = check(&folder);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.text().contains("none yet"), "{answer:?}");
    assert!(!folder.path("state").exists());
}

#[test]
fn wrong_configurations_name_the_line() {
    for (text, at, says) in [
        ("# x\nlisen = []\n", "2:1", "did you mean `listen`?"),
        ("listen = [\n  \"127.0.0.1:8080\",\n  \"127.0.0.1\",\n]\n", "3:3", "socket address"),
        ("[limits]\n\nhead_bytes_max = 1\n", "3:1", "expected a number from 1024 to 1048576"),
        ("listen = [\"0.0.0.0:8080\"]\n", "1:1", "clients = [\"10.0.0.0/8\"]"),
        ("[log\n", "1:5", ""),
    ] {
        let folder = Folder::new();
        folder.write("state/gateway.toml", text);
        let answer = check(&folder);
        assert_eq!(answer.status, 2, "{answer:?}");
        let place = format!("state/gateway.toml:{at}: ");
        assert!(answer.text().contains(&place) && answer.text().contains(says), "{answer:?}");
    }
}

#[test]
fn where_records_go_is_told_and_secrets_are_looked_for() {
    let folder = Folder::new();
    let answer = check(&folder);
    assert!(answer.text().contains("state/log/records.jsonl; "), "{answer:?}");
    assert!(answer.text().contains("state/log/records-*.db"), "{answer:?}");
    folder.write(
        "state/gateway.toml",
        "[log.kafka]\nbrokers = [\"127.0.0.1:9092\"]\ntls = true\nsasl = \"plain\"\n\
         user = \"gateway\"\npassword_file = \"no-such-file\"\n",
    );
    let answer = check(&folder);
    assert_eq!(answer.status, 2, "{answer:?}");
    if cfg!(feature = "kafka") {
        assert!(answer.text().contains("state/no-such-file"), "{answer:?}");
    } else {
        let says = "state/gateway.toml:2:1: log.kafka.brokers: this gateway-proxy was built";
        assert!(answer.text().contains(says), "{answer:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let folder = Folder::new();
    folder.run(&["ca", "init", "--state", "state"]);
    folder.write("state/ca.pem", "junk");
    folder.write("state/more.pem", "junk");
    folder.write("state/gateway.toml", "[origin]\nextra_ca = [\"more.pem\"]\n");
    folder.write("state/policy/rules.toml", "[[rule]]\nid = 1\n");
    folder.write("state/policy/av/a.hdb", "junk\n");
    let answer = check(&folder);
    assert_eq!(answer.status, 2, "{answer:?}");
    for says in [
        "state/ca.pem: no certificate in PEM form",
        "state/more.pem: no certificate in PEM form",
        "state/policy/rules.toml:2:6: ",
        "state/policy/av/a.hdb:1:1: ",
        "the gateway would not start",
    ] {
        assert!(answer.text().contains(says), "{says}: {}", answer.text());
    }
}

#[test]
fn another_file_and_another_policy_can_be_named() {
    let folder = Folder::new();
    folder.write("my.toml", "listen = [\"127.0.0.1:3128\"]\n");
    folder.write("mine/rules.toml", "");
    let answer =
        folder.run(&["check", "--state", "state", "--config", "my.toml", "--policy", "mine"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.text().contains("127.0.0.1:3128"), "{answer:?}");
    assert!(answer.text().contains("  rules        0 enforced, 0 logged only"), "{answer:?}");
    let answer = folder.run(&["check", "--state", "state", "--config", "none.toml"]);
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.text().contains("cannot read none.toml"), "{answer:?}");
}

#[test]
fn profiles_that_the_policy_does_not_have_are_told() {
    let folder = Folder::new();
    folder.write("state/policy/rules.toml", "");
    folder.write(
        "state/policy/dlp.toml",
        "[[profile]]\nid = \"financial\"\nentries = [\"payment_card\"]\n",
    );
    let settings = |profile: &str| {
        format!("[icap_server]\nblock_profiles = [\n  \"financial\",\n  \"{profile}\",\n]\n")
    };
    folder.write("state/gateway.toml", settings("finacial"));
    let says = "state/gateway.toml:4:3: icap_server.block_profiles: the policy has no DLP profile \
                `finacial`; did you mean `financial`?";
    let answer = check(&folder);
    assert!(answer.status == 2 && answer.text().contains(says), "{answer:?}");
    let answer = folder.run(&["run", "--state", "state"]);
    assert!(answer.status == 2 && answer.err.contains(says), "{answer:?}");
    folder.write("state/gateway.toml", settings("financial"));
    assert_eq!(check(&folder).status, 0);
}
