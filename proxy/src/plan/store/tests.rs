use super::*;
use casebook_wire::quarantine::{Exit, Facts};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn plan(id: &str, actor: &str, expires_ms: i64) -> Plan {
    Plan {
        id: id.to_owned(),
        kind: Kind::Quarantine,
        host: "web1".into(),
        address: "127.0.0.2".into(),
        port: 22,
        path: "/var/crash/core".into(),
        line: "true".into(),
        facts: Facts {
            real: "/var/crash/core".into(),
            target: "/var/quarantine/core.1".into(),
            size: 8,
            mtime: 0,
            mode: "-rw-r-----".into(),
            owner: "root:root".into(),
            links: 1,
            free: None,
            handles: Vec::new(),
            blind: 0,
            sha256: None,
            growing: false,
            fingerprint: "1:2:8:3:4".into(),
        },
        note: None,
        actor: actor.to_owned(),
        case: "case".into(),
        created_ms: 0,
        expires_ms,
        undoes: None,
    }
}

fn soon() -> i64 {
    clock::now_ms() + DAY
}

#[tokio::test]
async fn the_plan_after_the_last_that_may_be_open_is_told_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let plans = Plans::open(dir.path()).unwrap();
    for number in 0..MOST_OPEN {
        plans.check_room("ada").await.unwrap();
        let plan = plan(&format!("{number}"), "ada", soon());
        plans.add(plan).await.unwrap();
    }
    let refused = plans.add(plan("more", "ada", soon())).await.unwrap_err();
    assert_eq!(refused.error_type, "too_many_plans");
    assert!(refused.error.starts_with("16 of your plans are open"));
    assert!(
        refused.next.contains("plan.cancel()") && refused.next.contains("UTC"),
        "{}",
        refused.next
    );
    plans.check_room("ada").await.unwrap_err();
    plans.get("more").await.unwrap_err();
    plans.add(plan("bob's", "bob", soon())).await.unwrap();

    let again = Plans::open(dir.path()).unwrap();
    again.check_room("ada").await.unwrap_err();
    again.step("3", Event::Cancel).await.unwrap();
    again.add(plan("more", "ada", soon())).await.unwrap();
    again.check_room("ada").await.unwrap_err();
}

#[tokio::test]
async fn a_plan_whose_time_has_passed_takes_no_room() {
    let dir = tempfile::tempdir().unwrap();
    let plans = Plans::open(dir.path()).unwrap();
    let over = clock::now_ms() - 1;
    for number in 0..=MOST_OPEN {
        plans
            .add(plan(&format!("{number}"), "ada", over))
            .await
            .unwrap();
    }
    let last = plans.get("0").await.unwrap();
    assert_eq!(last.progress.state, State::Expired);
}

/// A journal in which each of these plans went through its events, so many milliseconds ago.
fn journal(folder: &Path, told: Vec<(Plan, Vec<Event>)>, ago: i64) {
    let (mut journal, _) = Journal::open(folder).unwrap();
    let at_ms = clock::now_ms() - ago;
    for (mut plan, events) in told {
        (plan.created_ms, plan.expires_ms) = (at_ms, at_ms + 1000);
        let id = plan.id.clone();
        let plan = Box::new(plan);
        journal.write(&Line::Plan { plan }).unwrap();
        for what in events {
            let id = id.clone();
            // What time does is noted a little later.
            let at_ms = at_ms + i64::from(what == Event::Expire) * 2000;
            journal.write(&Line::Event { id, at_ms, what }).unwrap();
        }
    }
}

fn by(name: &str) -> String {
    name.to_owned()
}

/// One plan for each way to end, or not to.
fn each_way() -> Vec<(Plan, Vec<Event>)> {
    let approve = || Event::Approve { by: by("ada") };
    let end = |exit| Event::End {
        exit,
        said: String::new(),
    };
    let lose = || Event::Lose {
        reason: String::new(),
    };
    let begun = |last: Event| vec![approve(), Event::Begin, last];
    let new = |id: &str| plan(id, "ada", 0);
    let mut undo = new("undo");
    undo.kind = Kind::Undo;
    undo.undoes = Some("undone".into());
    vec![
        (new("cancelled"), vec![Event::Cancel]),
        (new("expired"), vec![Event::Expire]),
        (new("refused"), vec![Event::Refuse { by: by("ada") }]),
        (new("failed"), begun(end(Exit::Changed))),
        (new("forgotten"), vec![approve()]),
        (new("applied"), begun(end(Exit::Done))),
        (new("unknown"), begun(lose())),
        (new("applying"), vec![approve(), Event::Begin]),
        (new("undone"), begun(end(Exit::Done))),
        (undo, begun(end(Exit::Done))),
    ]
}

async fn ids(plans: &Plans) -> Vec<String> {
    let mut ids: Vec<String> = plans
        .all(|_| true)
        .await
        .into_iter()
        .map(|kept| kept.plan.id)
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn only_what_ended_long_ago_and_needs_nothing_any_more_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path(), each_way(), 8 * DAY);
    let file = dir.path().join("plans.jsonl");
    let before = std::fs::metadata(&file).unwrap().len();
    let plans = Plans::open(dir.path()).unwrap();
    // The undo's own end had not reached the plan that it undid: both were needed to say so.
    let left = ["applied", "applying", "undo", "undone", "unknown"];
    assert_eq!(ids(&plans).await, left);
    assert!(std::fs::metadata(&file).unwrap().len() < before);
    let state = async |id: &str| plans.get(id).await.unwrap().progress.state;
    assert_eq!(state("applied").await, State::Applied);
    assert_eq!(state("applying").await, State::Unknown);
    assert_eq!(state("undone").await, State::Undone);
    drop(plans);

    let again = Plans::open(dir.path()).unwrap();
    assert_eq!(
        ids(&again).await,
        ["applied", "applying", "undone", "unknown"]
    );
    again.add(plan("new", "ada", soon())).await.unwrap();
    let last = Plans::open(dir.path()).unwrap();
    assert!(ids(&last).await.contains(&"new".to_owned()));
}

#[tokio::test]
async fn what_ended_lately_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path(), each_way(), 6 * DAY);
    let plans = Plans::open(dir.path()).unwrap();
    assert_eq!(ids(&plans).await.len(), each_way().len());
    let forgotten = plans.get("forgotten").await.unwrap();
    assert_eq!(forgotten.progress.state, State::Expired);
}
