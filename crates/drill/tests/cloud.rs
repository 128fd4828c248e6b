//! The drill's cloud speaks EC2's Query API; if this fails, no label leads to an instance.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where its helper finds nothing"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use casebook_drill::cloud_router;
use casebook_drill::fleet::{Fleet, Incident};

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20261122/us-east-1/ec2/aws4_request, SignedHeaders=host;x-amz-date, \
    Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n\
    X-Amz-Date: 20261122T071500Z\r\n";

/// A cloud on a free port until the test's runtime ends.
async fn cloud() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let fleet = Fleet::new(1, Incident::beginning(1_795_000_000));
    tokio::spawn(async move { axum::serve(listener, cloud_router(fleet)).await });
    address
}

/// Status and body of the answer to a form; `headers` end with a line break.
fn ask_with(address: SocketAddr, headers: &str, form: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = form.len();
    write!(
        stream,
        "POST / HTTP/1.0\r\nHost: ec2.us-east-1.amazonaws.com\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

fn ask(address: SocketAddr, form: &str) -> (u16, String) {
    ask_with(address, SIGNED, &format!("{form}&Version=2016-11-15"))
}

/// The texts of every element of this name, in order.
fn all(body: &str, name: &str) -> Vec<String> {
    body.split(&format!("<{name}>"))
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_leads_to_one_running_instance() {
    let cloud = cloud().await;
    let (status, body) = ask(
        cloud,
        "Action=DescribeInstances&Filter.1.Name=tag%3Akind&Filter.1.Value.1=object4\
         &Filter.2.Name=instance-state-name&Filter.2.Value.1=running&Filter.2.Value.2=pending",
    );
    assert_eq!(status, 200, "{body}");
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeInstancesResponse \
                xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>";
    assert!(body.starts_with(head), "{body}");
    let ids = all(&body, "instanceId");
    assert_eq!(ids.len(), 1, "{body}");
    assert!(ids[0].starts_with("i-0") && ids[0].len() == 19, "{ids:?}");
    assert_eq!(all(&body, "privateIpAddress"), ["10.0.0.5"]);
    assert_eq!(all(&body, "privateDnsName"), ["ip-10-0-0-5.ec2.internal"]);
    assert_eq!(all(&body, "availabilityZone"), ["us-east-1a"]);
    assert!(
        body.contains("<key>kind</key><value>object4</value>"),
        "{body}"
    );

    for filter in [
        "Filter.1.Name=private-ip-address&Filter.1.Value.1=10.0.0.5",
        "Filter.1.Name=private-dns-name&Filter.1.Value.1=ip-10-0-0-5.*",
        "Filter.1.Name=tag-key&Filter.1.Value.1=kind&Filter.2.Name=tag%3AName&Filter.2.Value.1=*4",
        &format!("InstanceId.1={}", ids[0]),
    ] {
        let (_, same) = ask(cloud, &format!("Action=DescribeInstances&{filter}"));
        assert_eq!(all(&same, "instanceId"), ids, "{filter}: {same}");
    }
    let none = "Action=DescribeInstances&Filter.1.Name=tag%3Akind&Filter.1.Value.1=object9";
    assert!(
        ask(cloud, none)
            .1
            .contains("<reservationSet></reservationSet>")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_is_on_one_of_the_pages() {
    let cloud = cloud().await;
    for action in ["DescribeInstances", "DescribeInstanceStatus"] {
        let (_, first) = ask(cloud, &format!("Action={action}&MaxResults=5"));
        let token = all(&first, "nextToken").remove(0);
        let form = format!("Action={action}&MaxResults=5&NextToken={token}");
        let (_, second) = ask(cloud, &form);
        assert!(all(&second, "nextToken").is_empty(), "{second}");
        let mut ids = all(&first, "instanceId");
        ids.extend(all(&second, "instanceId"));
        let whole = all(&ask(cloud, &format!("Action={action}")).1, "instanceId");
        assert_eq!((ids.len(), &ids), (8, &whole));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_regions_and_the_caller_are_told() {
    let cloud = cloud().await;
    let form = "Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1=kind\
                &Filter.2.Name=value&Filter.2.Value.1=object1&Filter.2.Value.2=object2";
    let (_, tags) = ask(cloud, form);
    assert_eq!(all(&tags, "value"), ["object1", "object2"]);
    let (_, regions) = ask(cloud, "Action=DescribeRegions");
    assert_eq!(all(&regions, "regionName")[0], "us-east-1");
    let sts = SIGNED.replace("/ec2/", "/sts/");
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let (status, identity) = ask_with(cloud, &sts, form);
    assert_eq!(status, 200, "{identity}");
    assert_eq!(all(&identity, "Account"), ["111122223333"]);
    assert!(
        identity.ends_with("</RequestId></ResponseMetadata></GetCallerIdentityResponse>"),
        "{identity}"
    );
    // the instances are in one region only
    let elsewhere = SIGNED.replace("us-east-1", "eu-central-1");
    let form = "Action=DescribeInstances&Version=2016-11-15";
    let (_, none) = ask_with(cloud, &elsewhere, form);
    assert!(all(&none, "instanceId").is_empty(), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_told_in_awss_own_words() {
    let cloud = cloud().await;
    for (form, status, code) in [
        (
            "Action=TerminateInstances&InstanceId.1=i-0abc",
            403,
            "UnauthorizedOperation",
        ),
        (
            "Action=DescribeInstances&InstanceId.1=web1",
            400,
            "InvalidInstanceID.Malformed",
        ),
        (
            "Action=DescribeInstances&InstanceId.1=i-00000000000000000",
            400,
            "InvalidInstanceID.NotFound",
        ),
        (
            "Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=red",
            400,
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeInstances&MaxResults=4",
            400,
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeInstances&NextToken=x",
            400,
            "InvalidNextToken",
        ),
        (
            "Action=DescribeInstances&MaxResults=5&InstanceId.1=i-00000000",
            400,
            "InvalidParameterCombination",
        ),
        (
            "Action=DescribeRegions&RegionName.1=mars-1",
            400,
            "InvalidParameterValue",
        ),
        ("Action=", 400, "MissingAction"),
    ] {
        let (found, body) = ask(cloud, form);
        assert_eq!(
            (found, all(&body, "Code")),
            (status, vec![code.to_owned()]),
            "{form}"
        );
        let shape = "<Response><Errors><Error><Code>";
        assert!(
            body.contains(shape) && body.ends_with("</RequestID></Response>"),
            "{body}"
        );
    }
    let version = ask_with(cloud, SIGNED, "Action=DescribeInstances&Version=2010-01-01");
    assert_eq!(all(&version.1, "Code"), ["NoSuchVersion"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_signature_for_the_service_is_refused() {
    let cloud = cloud().await;
    let form = "Action=DescribeInstances&Version=2016-11-15";
    let without = |part: &str| SIGNED.replace(part, "");
    for (headers, status, code) in [
        (String::new(), 400, "MissingParameter"),
        (without("host;"), 400, "IncompleteSignature"),
        (without("5d672d79"), 400, "IncompleteSignature"),
        (
            without("X-Amz-Date: 20261122T071500Z\r\n"),
            400,
            "IncompleteSignature",
        ),
        (
            "Authorization: Bearer x\r\n".to_owned(),
            400,
            "IncompleteSignature",
        ),
        (SIGNED.replace("/ec2/", "/sts/"), 401, "AuthFailure"),
        (SIGNED.replace("us-east-1", "mars-1"), 401, "AuthFailure"),
    ] {
        let (found, body) = ask_with(cloud, &headers, form);
        assert_eq!(
            (found, all(&body, "Code")),
            (status, vec![code.to_owned()]),
            "{headers}"
        );
    }
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let (status, body) = ask_with(cloud, "", form);
    assert_eq!(status, 403);
    assert!(
        body.contains("<Type>Sender</Type><Code>MissingAuthenticationToken</Code>"),
        "{body}"
    );
}
