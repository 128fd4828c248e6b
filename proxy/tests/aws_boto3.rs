//! Boto3 against the relay. If this failed, cells that were written for AWS's own Python client would
//! not run in Casebook.

use crate::support::Proxy;
use casebook_lab::{Moto, MotoSettings};
use std::path::Path;
use std::process::Command;

/// The cookie and the header are what the browser adds by itself.
const CELL: &str = r#"
import sys
import boto3
from botocore.exceptions import ClientError

origin, cookie, instance = sys.argv[1:]
session = boto3.session.Session("any", "thing", region_name="us-east-1")

def as_in_the_page(request, **_):
    request.headers["cookie"] = cookie
    request.headers["x-casebook"] = "1"

session.events.register("before-send.*", as_in_the_page)
ec2 = session.client("ec2", endpoint_url=f"{origin}/api/aws/main/ec2/us-east-1/")
found = ec2.describe_instances(Filters=[{"Name": "tag:kind", "Values": ["object4"]}, {"Name": "instance-state-name", "Values": ["running"]}])
assert [i["InstanceId"] for r in found["Reservations"] for i in r["Instances"]] == [instance], found
pages = ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5})
sizes = [len(page["Reservations"]) for page in pages]
assert sizes == [5, 5, 2], sizes
sts = session.client("sts", endpoint_url=f"{origin}/api/aws/main/sts/us-east-1/")
assert sts.get_caller_identity()["Arn"].endswith("user/reader")
assert "us-east-1" in [region["RegionName"] for region in ec2.describe_regions()["Regions"]]

def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"], error.response["ResponseMetadata"]["RetryAttempts"]
    raise AssertionError("it was allowed")

code, message, retries = refused(ec2.terminate_instances, InstanceIds=[instance])
assert (code, retries) == ("UnauthorizedOperation", 0) and "TerminateInstances" in message, (code, message, retries)
code, message, retries = refused(sts.assume_role, RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="cell")
assert (code, retries) == ("AccessDenied", 0), (code, message, retries)
ssm = session.client("ssm", endpoint_url=f"{origin}/api/aws/main/ssm/us-east-1/")
code, message, retries = refused(ssm.get_parameter, Name="secret")
assert (code, retries) == ("AccessDeniedException", 0), (code, message, retries)
cookie = "none"
code, message, retries = refused(ec2.describe_instances)
assert (code, retries) == ("AuthFailure", 0) and "not signed in" in message, (code, message, retries)
print("done")
"#;

#[test]
fn boto3_reads_pages_and_understands_each_denial_without_trying_again() {
    let moto = Moto::start_blocking(&MotoSettings::default()).unwrap();
    let proxy = Proxy::builder().tables(&moto.config("main")).start();
    let session = proxy.sign_in();
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/env/lab/bin/python");
    let output = Command::new(python)
        .args(["-c", CELL])
        .arg(format!("http://localhost:{}", proxy.port))
        .arg(&session.cookie)
        .arg(moto.instance("object4"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).trim(), "done");
}
