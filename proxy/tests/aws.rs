//! The relay to AWS against a server that checks signatures and policies. If these failed, a cell
//! could do in the cloud what nobody allowed, or read the keys with which it is asked.

use crate::support::{
    self, Answer, DESCRIBE, EC2, Proxy, Stub, code, fault, in_front_of, wait_for,
};
use casebook_lab::{Moto, MotoSettings};
use std::io::Write;

const STS: &str = "/api/aws/main/sts/us-east-1/";

#[test]
fn what_is_allowed_is_signed_and_answered_and_what_is_not_is_denied_in_awss_words() {
    let moto = Moto::start_blocking(&MotoSettings::default()).unwrap();
    let proxy = Proxy::builder()
        .tables(&moto.config("main"))
        .tables(&moto.config_with("powerless", "nobody"))
        .secret_file("access", &moto.reader().access_key)
        .secret_file("secret", "wrong")
        .tables(&format!("[aws.wrong]\nregions = [\"us-east-1\"]\nendpoint = {:?}\ncredentials = {{ access_key_file = \"access\", secret_key_file = \"secret\" }}\n", moto.url()))
        .before("export CASEBOOK_LOG=trace AWS_ACCESS_KEY_ID=AKIAOFTHEENVIRONMENT AWS_SECRET_ACCESS_KEY=secret-of-the-environment")
        .start();
    let session = proxy.sign_in();
    let mut seen: Vec<Answer> = Vec::new();

    for (path, form, holds) in [
        (EC2, DESCRIBE, "<DescribeInstancesResponse"),
        (
            EC2,
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3Akind&Filter.1.Value.1=object4",
            moto.instance("object4"),
        ),
        (
            &EC2[..EC2.len() - 1],
            "Action=DescribeTags&Version=2016-11-15",
            "fleet-object4",
        ),
        (
            EC2,
            "Action=DescribeInstanceStatus&Version=2016-11-15",
            moto.instance("object7"),
        ),
        (
            EC2,
            "Action=DescribeRegions&Version=2016-11-15",
            "us-east-1",
        ),
        (
            STS,
            "Action=GetCallerIdentity&Version=2011-06-15",
            "user/reader",
        ),
    ] {
        let answer = session.post(path, form);
        assert_eq!(answer.status, 200, "{form}: {}", answer.text());
        assert!(answer.text().contains(holds), "{form}: {}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("text/xml; charset=utf-8")
        );
        assert!(answer.header("x-casebook-seq").is_some());
        seen.push(answer);
    }

    for (path, form, wanted, says) in [
        (
            EC2,
            "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1",
            "UnauthorizedOperation",
            "TerminateInstances",
        ),
        (
            EC2,
            "Action=DescribeInstances&Action=TerminateInstances&Version=2016-11-15",
            "UnauthorizedOperation",
            "exactly one Action",
        ),
        (
            "/api/aws/main/ec2/us-east-1/?Action=TerminateInstances",
            DESCRIBE,
            "UnauthorizedOperation",
            "in its address",
        ),
        (
            "/api/aws/main/ec2/us-east-1/?X-Amz-Credential=x",
            DESCRIBE,
            "UnauthorizedOperation",
            "in its address",
        ),
        (
            "/api/aws/main/ec2/eu-west-1/",
            DESCRIBE,
            "UnauthorizedOperation",
            "regions: us-east-1",
        ),
        (
            "/api/aws/other/ec2/us-east-1/",
            DESCRIBE,
            "UnauthorizedOperation",
            "accounts: main, powerless, wrong",
        ),
        (
            STS,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=y",
            "AccessDenied",
            "AssumeRole",
        ),
        (
            "/api/aws/main/iam/us-east-1/",
            "Action=CreateAccessKey&Version=2010-05-08",
            "AccessDenied",
            "CreateAccessKey",
        ),
        (
            "/api/aws/powerless/ec2/us-east-1/",
            DESCRIBE,
            "AccessDenied",
            "IAM policy",
        ),
        (
            "/api/aws/wrong/ec2/us-east-1/",
            DESCRIBE,
            "AuthFailure",
            "does not accept the proxy's credentials",
        ),
    ] {
        let answer = session.post(path, form);
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (403, wanted),
            "{path} {form}: {}",
            answer.text()
        );
        assert!(
            answer.text().contains(says),
            "{path} {form}: {}",
            answer.text()
        );
        seen.push(answer);
    }
    let running = session.post(EC2, "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=instance-state-name&Filter.1.Value.1=running");
    assert_eq!(running.text().matches("<instanceId>").count(), 10);

    let records = wait_for("the denial in the log", || {
        let records = proxy.records();
        let told = |one: &serde_json::Value| {
            one["phase"] == "result" && one["params"]["Action"] == "TerminateInstances"
        };
        records.iter().any(told).then_some(records)
    });
    let of = |op: &str, phase: &str| {
        let found: Vec<_> = records
            .iter()
            .filter(|one| one["op"] == op && one["phase"] == phase)
            .cloned()
            .collect();
        found
    };
    assert_eq!(
        of("aws.sts.GetCallerIdentity", "intent")[0]["params"]["region"],
        "us-east-1"
    );
    let denied = of("aws.call", "result");
    assert!(denied.iter().any(|one| one["params"]["Action"] == "TerminateInstances" && one["decision"] == "deny"), "{denied:#?}");
    let good = proxy.result("complete");
    assert_eq!(
        (&good["status"], good["digest"].as_str().unwrap().len()),
        (&200.into(), 64)
    );

    let log = std::fs::read_to_string(proxy.state("audit.jsonl")).unwrap();
    let everything: String = seen
        .iter()
        .map(|answer| format!("{:?}{}", answer.headers, answer.text()))
        .chain([proxy.stderr(), proxy.stdout(), log])
        .collect();
    assert!(everything.contains("DescribeInstancesResponse"));
    for secret in [
        &moto.reader().secret_key,
        &moto.nobody().secret_key,
        "Signature=",
        "AWS4-HMAC",
        "secret-of-the-environment",
        "AKIAOFTHEENVIRONMENT",
    ] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn nothing_of_the_clients_request_reaches_aws_but_the_checked_parameters() {
    let stub = Stub::fixed(fault(
        "400 Bad Request",
        "InvalidParameterValue",
        "no such filter",
    ));
    let proxy = in_front_of(&stub.url, "s3cr3t-of-the-proxy").start();
    let session = proxy.sign_in();
    let headers = session.headers("sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\r\nauthorization: AWS4-HMAC-SHA256 Credential=casebook/x, Signature=clients\r\nx-amz-security-token: clients\r\nx-amz-date: 20260101T000000Z\r\nx-amz-content-sha256: clients\r\namz-sdk-invocation-id: clients\r\n");
    let answer = proxy.ask(
        &format!("POST {EC2}"),
        &headers,
        &format!("{DESCRIBE}&Filter.1.Name=a+b"),
    );
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (400, "InvalidParameterValue")
    );
    assert!(answer.text().contains("no such filter"));

    let request = stub.requests().pop().unwrap();
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    assert!(
        request.ends_with("\r\n\r\nAction=DescribeInstances&Version=2016-11-15&Filter.1.Name=a+b"),
        "{request}"
    );
    assert!(
        !request.contains("clients") && !request.contains("casebook_session"),
        "{request}"
    );
    assert!(
        request.contains("Credential=AKIATESTTESTTEST/")
            && request.contains("/us-east-1/ec2/aws4_request")
    );
    assert!(request.contains("x-amz-security-token: t0ken-of-the-proxy"));
    assert!(!request.contains("s3cr3t"));
}

#[test]
fn the_guards_stand_before_aws_and_answer_in_its_words() {
    let stub = Stub::fixed(fault("400 Bad Request", "Unasked", ""));
    let proxy = in_front_of(&stub.url, "s")
        .limits("body = \"1KiB\"\n")
        .start();
    let session = proxy.sign_in();
    let form = "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n";
    let nobody = proxy.ask(&format!("POST {EC2}"), form, DESCRIBE);
    assert_eq!(
        (nobody.status, code(&nobody).as_str()),
        (401, "AuthFailure")
    );
    let foreign = session.headers(
        "content-type: application/x-www-form-urlencoded\r\norigin: http://evil.example\r\n",
    );
    let foreign = proxy.ask(&format!("POST {EC2}"), &foreign, DESCRIBE);
    assert_eq!(
        (foreign.status, code(&foreign).as_str()),
        (403, "UnauthorizedOperation")
    );
    let long = session.post(
        EC2,
        &format!("{DESCRIBE}&Filter.1.Name={}", "x".repeat(2000)),
    );
    assert_eq!(
        (long.status, code(&long).as_str()),
        (413, "RequestEntityTooLarge")
    );
    let got = session.get(&format!("{EC2}?{DESCRIBE}"));
    assert_eq!((got.status, code(&got).as_str()), (405, "InvalidAction"));
    let mut json = std::net::TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    let headers = session.headers("content-type: application/x-amz-json-1.1\r\nsec-fetch-site: same-origin\r\nx-amz-target: AmazonSSM.GetParameter\r\n");
    write!(json, "POST /api/aws/main/ssm/us-east-1/ HTTP/1.1\r\nhost: localhost:{}\r\n{headers}content-length: 2\r\n\r\n{{}}", proxy.port).unwrap();
    let answer = support::read_answer(&mut json, false);
    assert_eq!(
        (answer.status, &answer.json()["__type"]),
        (403, &"AccessDeniedException".into()),
        "{}",
        answer.text()
    );
    for path in [
        "/api/aws/main/ec2/us-east-1/x",
        "/api/aws/main/ec2/..%2fus-east-1",
        "/api/aws/main//us-east-1/",
    ] {
        let answer = session.post(path, DESCRIBE);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert!(stub.requests().is_empty());
}
