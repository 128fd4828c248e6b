//! What goes wrong between proxy and AWS. If these failed, a cell would wait for ever, not know what
//! to do next, or read the proxy's keys in AWS's own words.

use crate::support::{DESCRIBE, EC2, Proxy, Stub, code, fault, in_front_of};

#[test]
fn trouble_with_aws_says_what_to_do_and_shows_no_secret() {
    for (upstream, status, wanted, says) in [
        (
            fault(
                "503 Service Unavailable",
                "RequestLimitExceeded",
                "Request limit exceeded.",
            ),
            503,
            "RequestLimitExceeded",
            "Wait",
        ),
        (
            fault(
                "400 Bad Request",
                "RequestExpired",
                "expired t0ken-of-the-proxy",
            ),
            400,
            "RequestExpired",
            "Renew",
        ),
        (
            fault(
                "400 Bad Request",
                "ExpiredToken",
                "The security token t0ken-of-the-proxy included in the request is expired",
            ),
            400,
            "ExpiredToken",
            "Renew",
        ),
        (
            fault(
                "401 Unauthorized",
                "AuthFailure",
                "AWS was not able to validate",
            ),
            403,
            "AuthFailure",
            "clock",
        ),
        (
            fault(
                "403 Forbidden",
                "SignatureDoesNotMatch",
                "The Canonical String: x-amz-security-token:t0ken-of-the-proxy",
            ),
            403,
            "SignatureDoesNotMatch",
            "credentials",
        ),
        (
            fault(
                "403 Forbidden",
                "UnauthorizedOperation",
                "no Encoded authorization failure message: xyz",
            ),
            403,
            "UnauthorizedOperation",
            "IAM policy",
        ),
        (
            fault(
                "400 Bad Request",
                "Strange",
                "has x-amz-security-token:t0ken-of-the-proxy",
            ),
            400,
            "Strange",
            "kept back",
        ),
        (
            "HTTP/1.1 301 Moved\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                .to_owned(),
            502,
            "ServiceUnavailable",
            "no answer of AWS",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n<ListAllMyBucketsResult/>".to_owned(),
            502,
            "ServiceUnavailable",
            "no answer of AWS",
        ),
        (
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n{}",
                "x".repeat(70_000)
            ),
            502,
            "ServiceUnavailable",
            "longer than 65536 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<DescribeInstancesResponse".to_owned(),
            502,
            "ServiceUnavailable",
            "broke off",
        ),
    ] {
        let stub = Stub::fixed(upstream.clone());
        let proxy = in_front_of(&stub.url, "s3cr3t-of-the-proxy").start();
        let session = proxy.sign_in();
        let answer = session.post(EC2, DESCRIBE);
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (status, wanted),
            "{upstream:.200}: {}",
            answer.text()
        );
        assert!(
            answer.text().contains(says),
            "{upstream:.200}: {}",
            answer.text()
        );
        let json = session.get("/api/v1/aws/main/instances");
        assert!(matches!(json.status, 429 | 502), "{}", json.text());
        assert!(
            json.error_type().starts_with("upstream_"),
            "{}",
            json.text()
        );
        // A cell's own question says no less: which account, and what to do.
        for want in ["main", says] {
            assert!(json.text().contains(want), "{want} in {}", json.text());
        }
        let all = format!(
            "{}{}{}{:?}",
            answer.text(),
            json.text(),
            proxy.stderr(),
            proxy.records()
        );
        for secret in ["s3cr3t-of-the-proxy", "t0ken-of-the-proxy", "Signature="] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    }
}

#[test]
fn a_silent_or_absent_aws_does_not_hold_a_cell() {
    let stub = Stub::silent_after("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<Desc");
    let proxy = in_front_of(&stub.url, "s").start();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(answer.status, 504, "{}", answer.text());
    assert!(answer.text().contains("within 2 s"), "{}", answer.text());

    let gone = casebook_lab::free_port().unwrap();
    let proxy = in_front_of(&format!("http://127.0.0.1:{gone}"), "s").start();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (502, "ServiceUnavailable")
    );
    assert!(
        answer.text().contains("cannot be reached"),
        "{}",
        answer.text()
    );
}

#[test]
fn missing_credentials_are_said_before_anything_is_asked() {
    let stub = Stub::fixed(fault("400 Bad Request", "Unasked", ""));
    let proxy = in_front_of(&stub.url, "s").start();
    std::fs::remove_file(proxy.folder.path().join("secret")).unwrap();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (403, "AuthFailure"),
        "{}",
        answer.text()
    );
    assert!(
        answer.text().contains("has no credentials")
            && answer.text().contains("aws.main.credentials")
    );
    assert!(stub.requests().is_empty());

    let proxy = Proxy::builder()
        .tables(&format!("[aws.main]\nregions = [\"us-east-1\"]\nendpoint = {:?}\ncredentials = {{ profile = \"none-such\" }}\n", stub.url))
        .before("export AWS_ACCESS_KEY_ID=AKIAOFTHEENVIRONMENT AWS_SECRET_ACCESS_KEY=x HOME=/nonexistent")
        .start();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(
        answer.text().contains("profile \"none-such\""),
        "{}",
        answer.text()
    );
    assert!(stub.requests().is_empty());
}

#[test]
fn a_machine_without_any_credentials_is_told_so_and_not_of_a_slow_aws() {
    let stub = Stub::fixed(fault("400 Bad Request", "Unasked", ""));
    let proxy = Proxy::builder()
        .tables(&format!(
            "[aws.main]\nregions = [\"us-east-1\"]\nendpoint = {:?}\n",
            stub.url
        ))
        .before("unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_WEB_IDENTITY_TOKEN_FILE; export AWS_EC2_METADATA_DISABLED=true HOME=/nonexistent AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null")
        .start();
    let begun = std::time::Instant::now();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (403, "AuthFailure"),
        "{}",
        answer.text()
    );
    assert!(
        answer.text().contains("AWS's default chain"),
        "{}",
        answer.text()
    );
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    assert!(stub.requests().is_empty());
}

#[test]
fn a_profile_of_the_shared_files_signs() {
    let stub = Stub::fixed(fault("400 Bad Request", "Asked", ""));
    let proxy = Proxy::builder()
        .secret_file("credentials", "[sre]\naws_access_key_id = AKIAOFTHEPROFILE\naws_secret_access_key = x\n")
        .tables(&format!("[aws.main]\nregions = [\"us-east-1\"]\nendpoint = {:?}\ncredentials = {{ profile = \"sre\" }}\n", stub.url))
        .before("export AWS_ACCESS_KEY_ID=AKIAOFTHEENVIRONMENT AWS_SECRET_ACCESS_KEY=x AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=\"$(dirname \"$1\")/credentials\"")
        .start();
    let answer = proxy.sign_in().post(EC2, DESCRIBE);
    assert_eq!(code(&answer), "Asked");
    assert!(stub.requests()[0].contains("Credential=AKIAOFTHEPROFILE/"));
}
