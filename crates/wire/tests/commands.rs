//! The catalogue: what is sent to a host for which question. If this failed, a host could be asked
//! for something that nobody allowed.

#![allow(clippy::unwrap_used, reason = "a test may fail where it likes")]

use casebook_wire::command::line;
use casebook_wire::run::Value;
use std::collections::BTreeMap;

fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let text = |value: &str| Value::Text(value.to_owned());
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect()
}

fn told(name: &str, pairs: &[(&str, &str)]) -> String {
    line(name, &params(pairs)).unwrap()
}

#[test]
fn each_command_has_its_line() {
    for (name, pairs, want) in [
        (
            "ls",
            &[("path", "/var/crash")][..],
            "ls -lab --time-style=full-iso -- /var/crash",
        ),
        (
            "stat",
            &[("path", "/var/crash/it's")],
            r"stat -- '/var/crash/it'\''s'",
        ),
        (
            "stat",
            &[("path", "/var/$(id)/;x")],
            "stat -- '/var/$(id)/;x'",
        ),
        ("df", &[("path", "/")], "df -hT -- /"),
        (
            "ps",
            &[],
            "ps -eo pid,ppid,user,pcpu,pmem,rss,etime,stat,comm --sort=-pcpu",
        ),
        (
            "sha256sum",
            &[("path", "/a b")],
            "nice -n 19 sha256sum -- '/a b'",
        ),
        ("tail", &[("path", "/a")], "tail --lines=100 -- /a"),
        (
            "tail",
            &[("path", "/a"), ("lines", "3")],
            "tail --lines=3 -- /a",
        ),
        (
            "coredumpctl_info",
            &[("pid", "17")],
            "coredumpctl --no-pager info 17",
        ),
        (
            "journalctl",
            &[],
            "journalctl --no-pager --utc --output=short-iso --lines=200",
        ),
        (
            "journalctl",
            &[
                ("unit", "nginx.service"),
                ("since", "2026-11-22T07:00Z"),
                ("lines", "5"),
            ],
            "journalctl --no-pager --utc --output=short-iso --lines=5 --unit=nginx.service '--since=2026-11-22 07:00:00 UTC'",
        ),
        (
            "journalctl",
            &[("since", "15m")],
            "journalctl --no-pager --utc --output=short-iso --lines=200 --since=-900s",
        ),
    ] {
        assert_eq!(told(name, pairs), want);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    for (name, pairs, want) in [
        (
            "rm",
            &[][..],
            "There is no command \"rm\". Use one of: coredumpctl_info, df, ",
        ),
        (
            "ls",
            &[],
            "ls needs the parameter \"path\". ls takes: path.",
        ),
        (
            "ps",
            &[("path", "/")],
            "ps has no parameter \"path\". ps takes no parameters.",
        ),
        (
            "ls",
            &[("path", "/a"), ("flags", "-R")],
            "ls has no parameter \"flags\".",
        ),
        (
            "ls",
            &[("path", "-R")],
            "\"-R\" cannot be the path of ls. Give an absolute path",
        ),
        ("ls", &[("path", "crash")], "cannot be the path"),
        ("ls", &[("path", "")], "cannot be the path"),
        ("ls", &[("path", "/a/../b")], "cannot be the path"),
        ("ls", &[("path", "/a/./b")], "cannot be the path"),
        ("ls", &[("path", "/a//b")], "cannot be the path"),
        ("ls", &[("path", "/a/..")], "cannot be the path"),
        ("ls", &[("path", "/a\nb")], "\"/a\\nb\" cannot be the path"),
        ("ls", &[("path", "/a\0b")], "cannot be the path"),
        ("ls", &[("path", "/a\u{9b}b")], "cannot be the path"),
        (
            "tail",
            &[("path", "/a"), ("lines", "0")],
            "from 1 to 10000.",
        ),
        (
            "tail",
            &[("path", "/a"), ("lines", "10001")],
            "from 1 to 10000.",
        ),
        ("coredumpctl_info", &[("pid", "1; id")], "cannot be the pid"),
        ("journalctl", &[("unit", "-x")], "cannot be the unit"),
        ("journalctl", &[("unit", "a b")], "cannot be the unit"),
        (
            "journalctl",
            &[("since", "yesterday")],
            "cannot be the since",
        ),
        ("journalctl", &[("since", "m")], "cannot be the since"),
        ("journalctl", &[("since", "0s")], "cannot be the since"),
        ("journalctl", &[("since", "é")], "cannot be the since"),
    ] {
        let fault = line(name, &params(pairs)).unwrap_err().to_string();
        assert!(fault.contains(want), "{fault}\nwanted {want}");
    }
}
