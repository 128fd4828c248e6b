//! From the label of a series to the machine behind it. If these failed, the engineer would look at
//! the wrong host, or be left alone with a label.

use crate::support::{self, Answer, Proxy, Session, wait_for};
use casebook_lab::{Moto, MotoSettings};
use serde_json::{Value as Json, json};

const ONE: &str = "/api/v1/aws/main/instance";
const ALL: &str = "/api/v1/aws/main/instances";

fn refused(answer: &Answer, status: u16, error_type: &str) -> (String, String) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.error_type(), error_type);
    let json = answer.json();
    let text = |key: &str| json[key].as_str().unwrap().to_owned();
    (text("error"), text("next"))
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let list = json["instances"].as_array().unwrap().iter();
    list.map(|one| one["instance_id"].as_str().unwrap().to_owned())
        .collect()
}

fn ask(session: &Session<'_>, question: &Json) -> Answer {
    session.post_json(ONE, question)
}

#[test]
fn a_label_leads_to_exactly_one_running_instance_or_to_an_error_that_lists_them() {
    let moto = Moto::start_blocking(&MotoSettings {
        more: 210,
        ..MotoSettings::default()
    })
    .unwrap();
    let proxy = Proxy::builder()
        .tables(&moto.config("main"))
        .tables(&moto.config_with("powerless", "nobody"))
        .start();
    let session = proxy.sign_in();

    let by_tag = ask(&session, &json!({ "tags": { "kind": "object4" } }));
    assert_eq!(by_tag.status, 200, "{}", by_tag.text());
    let found = by_tag.json();
    let instance = &found["instance"];
    assert_eq!(instance["instance_id"], moto.instance("object4"));
    assert_eq!(
        (
            &instance["account"],
            &instance["region"],
            &instance["state"]
        ),
        (&json!("main"), &json!("us-east-1"), &json!("running"))
    );
    assert_eq!(
        (&instance["private_ip"], &instance["type"]),
        (&json!("127.0.0.6"), &json!("m7g.large"))
    );
    assert_eq!(
        instance["tags"],
        json!({ "kind": "object4", "Name": "fleet-object4" })
    );
    assert!(
        instance["zone"].as_str().unwrap().starts_with("us-east-1"),
        "{instance}"
    );
    assert_eq!(found["by"], "tag kind=object4");

    let labels = json!({ "__name__": "level", "which": "object4", "instance": "10.0.0.5:9100", "job": "fleet" });
    assert_eq!(
        ask(&session, &json!({ "labels": labels })).json()["instance"],
        *instance
    );
    let by_address = ask(
        &session,
        &json!({ "labels": { "instance": "127.0.0.6:9100" }, "region": "us-east-1" }),
    );
    assert_eq!(by_address.json()["by"], "private address 127.0.0.6");
    assert_eq!(by_address.json()["instance"], *instance);
    let by_id = ask(&session, &json!({ "id": moto.instance("object4") }));
    assert_eq!(by_id.json()["instance"], *instance, "{}", by_id.text());

    let (error, next) = refused(
        &ask(&session, &json!({ "tags": { "kind": "object9" } })),
        404,
        "no_instance",
    );
    assert!(
        error.contains("has tag kind=object9 (asked in us-east-1)"),
        "{error}"
    );
    assert!(next.contains("instances()"), "{next}");
    let (error, _) = refused(
        &ask(&session, &json!({ "tags": { "kind": "retired" } })),
        404,
        "no_instance",
    );
    assert!(
        error.contains(&format!(
            "not running: {} (stopped, 127.0.1.9",
            moto.instance("only-stopped")
        )),
        "{error}"
    );
    let (error, next) = refused(
        &ask(&session, &json!({ "tags": { "kind": "pair" } })),
        409,
        "many_instances",
    );
    for name in ["left", "right"] {
        assert!(
            error.contains(moto.instance(name)) && error.contains(&format!("Name={name}")),
            "{error}"
        );
    }
    assert!(next.contains("Add a tag"), "{next}");
    let both = ask(
        &session,
        &json!({ "tags": { "kind": "pair", "Name": "left" } }),
    );
    assert_eq!(
        both.json()["instance"]["instance_id"],
        moto.instance("left")
    );
    let (error, _) = refused(
        &ask(&session, &json!({ "tags": { "kind": "object*" } })),
        404,
        "no_instance",
    );
    assert!(error.contains("object*"), "{error}");
    let (error, next) = refused(
        &ask(
            &session,
            &json!({ "labels": { "instance": "web", "zone": "a" } }),
        ),
        422,
        "no_rule",
    );
    assert!(
        error.contains("zone=\"a\"") && error.contains("label which is tag kind"),
        "{error}"
    );
    assert!(next.contains("aws.main.match"), "{next}");

    // More than one page.
    let herd = session.get(&format!("{ALL}?tag=kind%3Dherd"));
    assert_eq!(ids(&herd).len(), 210);
    assert_eq!(ids(&session.get(ALL)).len(), 220);
    assert_eq!(
        ids(&session.get(&format!("{ALL}?state=any&region=us-east-1"))).len(),
        222
    );
    let (error, _) = refused(
        &ask(&session, &json!({ "tags": { "kind": "herd" } })),
        409,
        "many_instances",
    );
    assert!(
        error.contains("210 running instances") && error.contains("and 200 more"),
        "{error}"
    );

    let (error, next) = refused(
        &session.post_json(
            "/api/v1/aws/powerless/instance",
            &json!({ "tags": { "a": "b" } }),
        ),
        502,
        "upstream_auth",
    );
    assert!(
        error.contains("AccessDenied") && next.contains("IAM policy"),
        "{error} {next}"
    );

    // The record of a read may follow its answer.
    let records = wait_for("a result for each intent", || {
        let records = proxy.records();
        let of = |phase: &str| {
            let known = |one: &&Json| one["op"] == "aws.instance" && one["phase"] == phase;
            records.iter().filter(known).count()
        };
        (of("intent") > 0 && of("intent") == of("result")).then_some(records)
    });
    let intent = records
        .iter()
        .find(|one| one["op"] == "aws.instance" && one["phase"] == "intent")
        .unwrap();
    assert_eq!(
        intent["params"],
        json!({ "by": "tag kind=object4", "regions": "us-east-1" })
    );
    let seq = by_tag
        .header("x-casebook-seq")
        .unwrap()
        .parse::<u64>()
        .unwrap();
    assert_eq!(
        (&intent["seq"], &intent["target"]),
        (&json!(seq), &json!("main"))
    );
    // Each page is a call of its own.
    let pages = records
        .iter()
        .filter(|one| one["params"]["NextToken"].is_string() && one["phase"] == "intent");
    assert!(pages.count() >= 3);
}

#[test]
fn what_makes_no_question_is_answered_before_aws_is_asked() {
    let stub = support::Stub::fixed("HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n");
    let proxy = Proxy::builder()
        .secret_file("key", "AKIA")
        .tables(&format!("[aws.main]\nregions = [\"us-east-1\", \"eu-west-1\"]\nendpoint = {:?}\ncredentials = {{ access_key_file = \"key\", secret_key_file = \"key\" }}\n", stub.url))
        .start();
    let session = proxy.sign_in();
    for question in [
        json!({}),
        json!({ "tags": {} }),
        json!({ "tags": { "a": "b" }, "labels": { "a": "b" } }),
        json!({ "tags": { "a": "b" }, "id": "i-0123456789abcdef0" }),
        json!({ "id": "web1" }),
        json!({ "tag": { "a": "b" } }),
        json!({ "tags": { "a": 1 } }),
        json!([]),
        json!({ "tags": { "a": "b" }, "region": "ap-south-1" }),
    ] {
        let (_, next) = refused(&ask(&session, &question), 400, "bad_data");
        assert!(!next.is_empty(), "{question}");
    }
    for (answer, status, error_type) in [
        (session.get(&format!("{ALL}?filter=x")), 400, "bad_data"),
        (session.get(ONE), 405, "method_not_allowed"),
        (session.post(ALL, ""), 405, "method_not_allowed"),
        (session.get("/api/v1/aws/other/instances"), 404, "not_found"),
        (session.get("/api/v1/aws/main"), 404, "not_found"),
        (
            session.get("/api/v1/aws/main/credentials"),
            404,
            "not_found",
        ),
        (proxy.get(ALL), 401, "session"),
    ] {
        refused(&answer, status, error_type);
    }
    assert!(stub.requests().is_empty());
}

#[test]
fn the_catalogue_lists_accounts_and_asks_nobody_for_that() {
    let proxy = Proxy::builder()
        .tables("[aws.prod]\nregions = [\"us-east-1\", \"eu-west-1\"]\nendpoint = \"http://127.0.0.1:9\"\nmatch = [{ label = \"which\", tag = \"kind\" }]\n")
        .start();
    let catalog = proxy.sign_in().get("/api/v1/catalog").json();
    assert_eq!(
        catalog["aws"],
        json!([{
            "name": "prod",
            "regions": ["us-east-1", "eu-west-1"],
            "actions": ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeTags", "ec2:DescribeRegions", "sts:GetCallerIdentity"],
            "matches": ["label which is tag kind"],
        }])
    );
}
