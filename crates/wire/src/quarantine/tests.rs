use super::*;
use proptest::prelude::*;

fn facts() -> Facts {
    Facts {
        real: "/var/crash/core".into(),
        target: "/var/quarantine/core".into(),
        size: 7,
        mtime: 1_795_343_097,
        mode: "-rw-r--r--".into(),
        owner: "root:root".into(),
        links: 1,
        free: Some(4096),
        handles: vec![Handle {
            pid: 7,
            writing: true,
            name: "my w app".into(),
        }],
        blind: 3,
        sha256: Some("0".repeat(64)),
        growing: false,
        fingerprint: "1:2:7:3.000000001:4.5".into(),
    }
}

#[test]
fn facts_survive_their_text() {
    assert_eq!(Facts::parse(&facts().to_text()), Some(facts()));
    let bare = Facts {
        free: None,
        sha256: None,
        handles: vec![],
        ..facts()
    };
    assert_eq!(Facts::parse(&bare.to_text()), Some(bare));
}

#[test]
fn an_output_that_broke_off_is_no_answer() {
    let text = facts().to_text();
    let lines: Vec<&str> = text.lines().collect();
    for count in 0..lines.len() {
        assert_eq!(Facts::parse(&lines[..count].join("\n")), None, "{count}");
    }
    assert_eq!(moved("moved=1:2:3:4:5\n"), None);
    assert_eq!(place("running=no\nsource=\ntarget=1:2:3:4:5\n"), None);
}

#[test]
fn the_place_is_known_by_all_but_the_ctime() {
    let ask = |running: &str, source: &str, target: &str| {
        place(&format!(
            "running={running}\nsource={source}\ntarget={target}\nwant=1:2:3:4:5\nend=look\n"
        ))
    };
    assert_eq!(ask("no", "", "1:2:3:4:9"), Some(Place::Target));
    assert_eq!(ask("no", "1:2:3:4:5", ""), Some(Place::Source));
    assert_eq!(ask("no", "1:9:3:4:5", "1:2:3:4:9"), Some(Place::Target));
    assert_eq!(ask("no", "", ""), Some(Place::Unclear));
    assert_eq!(ask("no", "1:2:3:4:5", "1:2:3:4:5"), Some(Place::Unclear));
    assert_eq!(ask("yes", "1:2:3:4:5", ""), Some(Place::Moving));
}

#[test]
fn every_exit_status_has_one_meaning() {
    for (status, exit) in Exit::TABLE {
        assert_eq!(Exit::of(status), Some(exit));
        assert_eq!(exit.status(), status);
        assert!(exit.sentence().ends_with('.') && exit.next().ends_with('.'));
        let used = [PREVIEW, MOVE]
            .iter()
            .any(|script| script.contains(&format!("stop {status} ")));
        assert!(used || status == 0, "no script gives {status}");
    }
    for status in [1, 2, 9, 22, 126, 127, 137, 255] {
        assert_eq!(Exit::of(status), None);
    }
}

#[test]
fn a_line_that_is_almost_a_call_is_none() {
    let call = Call::Move {
        plan: "ab".into(),
        from: "/a".into(),
        to: "/b".into(),
        fingerprint: "1:2:3:4:5".into(),
    };
    let line = call.line();
    assert_eq!(Call::parse(&line), Some(call));
    for other in [
        format!("{line} "),
        format!("{line} 'x'"),
        format!("{line}; id"),
        line.replace("mv -nTv", "mv -fTv"),
        line.replace("casebook-move", "casebook"),
        String::new(),
        "sh -c 'id'".to_owned(),
    ] {
        assert_eq!(Call::parse(&other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn any_value_stays_one_value(path in "[^\0]{0,20}", target in "[^\0]{0,20}", roots in prop::collection::vec("[^\0]{0,9}", 0..3)) {
        let call = Call::Preview { path, target, roots };
        prop_assert_eq!(Call::parse(&call.line()), Some(call));
    }

    #[test]
    fn no_output_makes_the_readers_fail(text in "\\PC{0,200}", lines in "([a-z0-9]{1,8}=[a-z0-9 :.]{0,12}\n){0,20}") {
        for text in [text, lines] {
            let _ = (Facts::parse(&text), moved(&text), place(&text));
        }
    }
}
