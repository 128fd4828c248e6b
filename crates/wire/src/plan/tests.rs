use super::*;
use proptest::prelude::*;

const EXPIRES: i64 = 1000;

fn events() -> Vec<Event> {
    let by = || "ada".to_owned();
    let mut events = vec![
        Event::Approve { by: by() },
        Event::WrongCode,
        Event::Refuse { by: by() },
        Event::Cancel,
        Event::Expire,
        Event::Begin,
        Event::NotAsked { reason: by() },
        Event::Lose { reason: by() },
        Event::Undo { by: by() },
    ];
    let exits = [Exit::Done, Exit::Changed, Exit::PutBack, Exit::Unclear];
    events.extend(exits.map(|exit| Event::End {
        exit,
        said: String::new(),
    }));
    let places = [Place::Source, Place::Target, Place::Moving, Place::Unclear];
    events.extend(places.map(|place| Event::Find { place }));
    events
}

/// Any history, with time that mostly goes on and sometimes goes back, as a clock that is set does.
fn history() -> impl Strategy<Value = Vec<(Event, i64)>> {
    // The way to the end is taken often, so that what lies behind it is tried too.
    let common = vec![Event::Approve { by: "ada".into() }, Event::Begin];
    let event = prop_oneof![prop::sample::select(events()), prop::sample::select(common)];
    prop::collection::vec((event, 0..2 * EXPIRES), 0..40)
}

fn is_find(event: &Event) -> bool {
    matches!(event, Event::Find { .. })
}

proptest! {
    #[test]
    fn no_history_applies_twice_or_too_late_or_unapproved(history in history()) {
        let mut now = Progress::new(0);
        let (mut begun, mut approved, mut wrong) = (0, false, 0);
        for (event, at) in history {
            let Some(next) = now.step(&event, at, EXPIRES) else { continue };
            let stays = event == Event::WrongCode || is_find(&event);
            prop_assert!(now.state != next.state || stays);
            approved |= next.state == State::Approved;
            wrong += u32::from(event == Event::WrongCode);
            if event == Event::Begin {
                begun += 1;
                prop_assert!(at < EXPIRES && approved && wrong < TRIES);
            }
            let asked = matches!(
                next.state,
                State::Applying | State::Applied | State::Unknown | State::Undone
            );
            prop_assert!(begun == 1 || !asked);
            prop_assert!(begun == 0 || !next.state.is_open());
            now = next;
        }
        prop_assert!(begun <= 1);
    }

    #[test]
    fn what_is_over_stays_over(history in history()) {
        let mut now = Progress::new(0);
        for (event, at) in history {
            let over = matches!(
                now.state,
                State::Failed | State::Expired | State::Cancelled | State::Refused | State::Undone
            );
            let next = now.step(&event, at, EXPIRES);
            prop_assert!(!over || next.is_none());
            now = next.unwrap_or(now);
        }
    }

    #[test]
    fn a_history_that_was_written_down_reads_the_same(history in history()) {
        for (event, _) in history {
            let text = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }
}

fn after(events: &[Event]) -> Progress {
    events.iter().fold(Progress::new(0), |now, event| {
        now.step(event, 1, EXPIRES)
            .unwrap_or_else(|| panic!("{event:?} after {now:?}"))
    })
}

#[test]
fn five_wrong_codes_end_it() {
    let mut now = after(&[const { Event::WrongCode }; 4]);
    assert_eq!((now.state, now.tries_left), (State::Waiting, 1));
    now = now.step(&Event::WrongCode, 1, EXPIRES).unwrap();
    assert_eq!(now.state, State::Refused);
    assert_eq!(
        now.step(&Event::Approve { by: "ada".into() }, 1, EXPIRES),
        None
    );
}

#[test]
fn an_approval_does_not_outlive_its_time() {
    let approved = after(&[Event::Approve { by: "ada".into() }]);
    assert_eq!(approved.step(&Event::Begin, EXPIRES, EXPIRES), None);
    let expired = approved.step(&Event::Expire, EXPIRES, EXPIRES).unwrap();
    assert_eq!(expired.state, State::Expired);
    assert_eq!(approved.step(&Event::Expire, EXPIRES - 1, EXPIRES), None);
}

#[test]
fn a_lost_move_is_settled_by_looking() {
    let begun = [
        Event::Approve { by: "ada".into() },
        Event::Begin,
        Event::Lose { reason: "x".into() },
    ];
    for (place, want) in [
        (Place::Source, State::Failed),
        (Place::Target, State::Applied),
        (Place::Moving, State::Unknown),
        (Place::Unclear, State::Unknown),
    ] {
        let lost = after(&begun);
        assert_eq!(lost.state, State::Unknown);
        let found = lost.step(&Event::Find { place }, 2, EXPIRES).unwrap();
        assert_eq!(found.state, want);
        assert_ne!(found.outcome, lost.outcome);
    }
}

#[test]
fn the_digest_covers_every_field() {
    let facts = Facts::parse(
        "real=/a\ntarget=/b\nsize=1\nmtime=1\nmode=-\nowner=r:r\nlinks=1\nblind=0\ngrowing=no\nfingerprint=1:2:3:4:5\nend=preview\n",
    )
    .unwrap();
    let plan = Plan {
        id: "i".into(),
        kind: Kind::Quarantine,
        host: "h".into(),
        address: "a".into(),
        port: 22,
        path: "/a".into(),
        line: "sh".into(),
        facts,
        note: None,
        actor: "ada".into(),
        case: "c".into(),
        created_ms: 1,
        expires_ms: 2,
        undoes: None,
    };
    let value = serde_json::to_value(&plan).unwrap();
    let mut digests = std::collections::BTreeSet::from([plan.digest()]);
    for (key, field) in value.as_object().unwrap() {
        let mut other = value.clone();
        other[key] = match (key.as_str(), field) {
            ("kind", _) => "undo".into(),
            ("facts", facts) => {
                let mut facts = facts.clone();
                facts["size"] = 2.into();
                facts
            }
            (_, serde_json::Value::Number(_)) => 77.into(),
            _ => "other".into(),
        };
        let other: Plan = serde_json::from_value(other).unwrap();
        assert!(digests.insert(other.digest()), "{key} is not covered");
    }
    assert_eq!(digests.len(), 15);
}
