//! What AWS's XML says: errors, and the instances of `DescribeInstances`.

use casebook_wire::Instance;
use roxmltree::{Document, Node};
use std::collections::BTreeMap;

/// Longest part of AWS's own message that is passed on, in characters.
const MOST_MESSAGE: usize = 500;

/// One page of `DescribeInstances`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) instances: Vec<Instance>,
    pub(super) next_token: Option<String>,
}

/// Code and message of an error answer, of the `ec2` and of the `query` protocol.
pub(super) fn error_of(body: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(body).ok()?;
    let document = Document::parse(text).ok()?;
    let error = document
        .descendants()
        .find(|node| node.has_tag_name_of("Error"))?;
    let code = error.text_of("Code")?;
    let known = |c: char| c.is_ascii_alphanumeric() || c == '.';
    if code.is_empty() || code.len() > 100 || !code.chars().all(known) {
        return None;
    }
    let message = error.text_of("Message").unwrap_or_default();
    let message = message.chars().filter(|c| !c.is_control());
    Some((code.to_owned(), message.take(MOST_MESSAGE).collect()))
}

/// The instances of one page; None when this is no such answer.
pub(super) fn instances_of(body: &[u8], account: &str, region: &str) -> Option<Page> {
    let text = std::str::from_utf8(body).ok()?;
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    if !root.has_tag_name_of("DescribeInstancesResponse") {
        return None;
    }
    let instances = root
        .items("reservationSet")
        .flat_map(|reservation| reservation.items("instancesSet"))
        .filter_map(|item| instance_of(item, account, region))
        .collect();
    let next_token = root
        .text_of("nextToken")
        .filter(|token| !token.is_empty())
        .map(str::to_owned);
    Some(Page {
        instances,
        next_token,
    })
}

fn instance_of(item: Node<'_, '_>, account: &str, region: &str) -> Option<Instance> {
    let given = |name| {
        let text = item.text_of(name).filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let tags: BTreeMap<String, String> = item
        .items("tagSet")
        .filter_map(|tag| {
            let value = tag.text_of("value").unwrap_or_default();
            Some((tag.text_of("key")?.to_owned(), value.to_owned()))
        })
        .collect();
    let inner = |outer, name| Some(item.child(outer)?.text_of(name)?.to_owned());
    Some(Instance {
        account: account.to_owned(),
        region: region.to_owned(),
        instance_id: given("instanceId")?,
        state: inner("instanceState", "name").unwrap_or_default(),
        private_ip: given("privateIpAddress"),
        private_dns: given("privateDnsName"),
        instance_type: given("instanceType").unwrap_or_default(),
        zone: inner("placement", "availabilityZone").unwrap_or_default(),
        launched_at: given("launchTime").unwrap_or_default(),
        tags,
    })
}

/// Reading by local names: each API version has a namespace of its own.
trait Read<'a, 'input: 'a>: Copy {
    fn has_tag_name_of(self, name: &str) -> bool;
    fn child(self, name: &str) -> Option<Node<'a, 'input>>;
    fn text_of(self, name: &str) -> Option<&'a str>;
    fn items(self, name: &str) -> impl Iterator<Item = Node<'a, 'input>>;
}

impl<'a, 'input: 'a> Read<'a, 'input> for Node<'a, 'input> {
    fn has_tag_name_of(self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn child(self, name: &str) -> Option<Node<'a, 'input>> {
        self.children().find(|node| node.has_tag_name_of(name))
    }

    fn text_of(self, name: &str) -> Option<&'a str> {
        self.child(name).map(|node| node.text().unwrap_or_default())
    }

    fn items(self, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
        let list = self.child(name);
        list.into_iter()
            .flat_map(|list| list.children())
            .filter(|node| node.has_tag_name_of("item"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <reservationSet><item><instancesSet><item>
    <instanceId>i-0abc</instanceId><imageId>ami-1</imageId>
    <instanceState><code>16</code><name>running</name></instanceState>
    <privateDnsName>ip-10-0-0-5.ec2.internal</privateDnsName><privateIpAddress>10.0.0.5</privateIpAddress>
    <instanceType>m7g.large</instanceType><launchTime>2026-11-01T00:00:00.000Z</launchTime>
    <placement><availabilityZone>us-east-1a</availabilityZone></placement>
    <tagSet><item><key>kind</key><value>object4</value></item><item><key>Name</key><value>a &lt;b&gt; &amp; c</value></item><item><key>empty</key><value/></item></tagSet>
  </item></instancesSet></item>
  <item><instancesSet><item><instanceId>i-0def</instanceId><privateDnsName/><instanceState><name>terminated</name></instanceState></item></instancesSet></item></reservationSet>
  <nextToken>more</nextToken>
</DescribeInstancesResponse>"#;

    #[test]
    fn reads_instances_and_the_way_to_the_next_page() {
        let page = instances_of(PAGE.as_bytes(), "main", "us-east-1").unwrap();
        assert_eq!(page.next_token.as_deref(), Some("more"));
        let [first, second] = &page.instances[..] else {
            panic!("{page:?}")
        };
        assert_eq!(first.instance_id, "i-0abc");
        assert_eq!(first.private_ip.as_deref(), Some("10.0.0.5"));
        assert_eq!(first.zone, "us-east-1a");
        assert_eq!(first.tags["Name"], "a <b> & c");
        assert_eq!(first.tags["empty"], "");
        assert_eq!(
            (second.state.as_str(), &second.private_dns),
            ("terminated", &None)
        );
    }

    #[test]
    fn reads_errors_of_both_protocols() {
        let ec2 = "<Response><Errors><Error><Code>AuthFailure</Code><Message>no\nway</Message></Error></Errors><RequestID>r</RequestID></Response>";
        assert_eq!(
            error_of(ec2.as_bytes()),
            Some(("AuthFailure".into(), "noway".into()))
        );
        let query = "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>m</Message></Error></ErrorResponse>";
        assert_eq!(error_of(query.as_bytes()).unwrap().0, "ExpiredToken");
        for text in [
            "",
            "<html>",
            "{}",
            "<Response/>",
            "<Error><Code>a b</Code></Error>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><Error><Code>&b;</Code></Error>",
        ] {
            assert_eq!(error_of(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_such_answer_is_not_an_empty_page() {
        for text in ["", "<a/>", "<ListAllMyBucketsResult/>", "{}"] {
            assert_eq!(instances_of(text.as_bytes(), "a", "r"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_anything_without_harm(cut in 0..PAGE.len(), byte: u8) {
            let mut bytes = PAGE.as_bytes().to_vec();
            bytes[cut] = byte;
            let _ = instances_of(&bytes, "a", "r");
            let _ = instances_of(&bytes[..cut], "a", "r");
            let _ = error_of(&bytes);
        }
    }
}
