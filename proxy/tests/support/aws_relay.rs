//! AWS as the proxy's tests need it: keys of files, and answers with an error of EC2's form.

use super::{Answer, Proxy, ProxyBuilder};

/// The call that the tests relay, and its body.
pub const EC2: &str = "/api/aws/main/ec2/us-east-1/";
pub const DESCRIBE: &str = "Action=DescribeInstances&Version=2016-11-15";

/// The error's code in an answer of AWS's form.
pub fn code(answer: &Answer) -> String {
    let text = answer.text();
    let between = |open: &str, close: &str| {
        let from = text.find(open)? + open.len();
        Some(text[from..].split(close).next()?.to_owned())
    };
    between("<Code>", "</Code>").unwrap_or_else(|| panic!("no code in {text}"))
}

/// A proxy with the keys of files, in front of `url`.
pub fn in_front_of(url: &str, secret: &str) -> ProxyBuilder {
    Proxy::builder()
        .secret_file("access", "AKIATESTTESTTEST")
        .secret_file("secret", secret)
        .secret_file("token", "t0ken-of-the-proxy")
        .tables(&format!(
            "[aws.main]\nregions = [\"us-east-1\"]\nendpoint = {url:?}\ntimeout = \"2s\"\nmax_bytes = \"64KiB\"\n\
             credentials = {{ access_key_file = \"access\", secret_key_file = \"secret\", session_token_file = \"token\" }}\n"
        ))
}

/// An answer of AWS with an error of EC2's form.
pub fn fault(status: &str, code: &str, message: &str) -> String {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>r</RequestID></Response>"
    );
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
