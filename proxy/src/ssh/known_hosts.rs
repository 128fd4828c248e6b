//! Whether a host's key is the one that we know: a pure decision on the text of `known_hosts`, by
//! OpenSSH's rules (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), and stricter where it is lenient: a
//! line that cannot be read closes the door, for it might have been a revocation.

use super::Distrust;
use data_encoding::{BASE64, BASE64_NOPAD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A key as it stands on the wire, behind its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, …
    pub kind: String,
    /// The key's bytes in SSH's encoding.
    pub blob: Vec<u8>,
}

impl HostKey {
    /// The fingerprint as `ssh-keygen -l` shows it, with the key's type before it.
    pub fn fingerprint(&self) -> String {
        let hash = BASE64_NOPAD.encode(&Sha256::digest(&self.blob));
        format!("{} SHA256:{hash}", self.kind)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    None,
    Authority,
    Revoked,
}

struct Line<'a> {
    marker: Marker,
    hosts: &'a str,
    key: HostKey,
}

/// The name by which `known_hosts` knows a host on a port.
pub fn known_name(address: &str, port: u16) -> String {
    if port == 22 {
        address.to_owned()
    } else {
        format!("[{address}]:{port}")
    }
}

/// Whether `key`, shown by the host of this [`known_name`], is trusted.
pub fn decide(text: &str, name: &str, key: &HostKey) -> Result<(), Distrust> {
    let mut known = false;
    let mut authority = false;
    let mut others = Vec::new();
    for line in lines(text) {
        let line = line.map_err(Distrust::Garbage)?;
        let same = line.key == *key;
        if line.marker == Marker::Revoked {
            // OpenSSH asks that the line names the host, too; a key that is revoked for one is of
            // no use to any.
            if same {
                return Err(Distrust::Revoked);
            }
            continue;
        }
        if !names(line.hosts, name) {
            continue;
        }
        match line.marker {
            Marker::Authority => authority = true,
            _ if same => known = true,
            _ => others.push(line.key.fingerprint()),
        }
    }
    if known {
        Ok(())
    } else if !others.is_empty() {
        Err(Distrust::Changed(others))
    } else if authority {
        Err(Distrust::Authority)
    } else {
        Err(Distrust::Unknown)
    }
}

/// The types of the keys that are known for the host: a server must be asked for these alone, or it
/// may show a good key that we have never seen.
pub fn kinds(text: &str, name: &str) -> Vec<String> {
    lines(text)
        .filter_map(Result::ok)
        .filter(|line| line.marker == Marker::None && names(line.hosts, name))
        .map(|line| line.key.kind)
        .collect()
}

/// The lines that say something; the number of the line, from 1, where one cannot be read.
fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, usize>> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| parse(line).ok_or(number))
}

fn parse(line: &str) -> Option<Line<'_>> {
    let mut fields = line.split_ascii_whitespace();
    let first = fields.next()?;
    let (marker, hosts) = match first {
        "@revoked" => (Marker::Revoked, fields.next()?),
        "@cert-authority" => (Marker::Authority, fields.next()?),
        _ if first.starts_with('@') => return None,
        _ => (Marker::None, first),
    };
    let kind = fields.next()?;
    let blob = BASE64.decode(fields.next()?.as_bytes()).ok()?;
    // The blob begins with its type, behind a length of four bytes.
    let length = u32::try_from(kind.len()).ok()?.to_be_bytes();
    if !blob.starts_with(&[length.as_slice(), kind.as_bytes()].concat()) {
        return None;
    }
    if hosts.starts_with('|') {
        hashed(hosts)?;
    }
    Some(Line {
        marker,
        hosts,
        key: HostKey {
            kind: kind.to_owned(),
            blob,
        },
    })
}

fn hashed(hosts: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (salt, hash) = hosts.strip_prefix("|1|")?.split_once('|')?;
    let salt = BASE64.decode(salt.as_bytes()).ok()?;
    let hash = BASE64.decode(hash.as_bytes()).ok()?;
    Some((salt, hash))
}

/// Whether a field of patterns, or a hashed name, names the host.
fn names(hosts: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if let Some((salt, hash)) = hashed(hosts) {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&salt) else {
            return false;
        };
        mac.update(name.as_bytes());
        return mac.verify_slice(&hash).is_ok();
    }
    let mut named = false;
    for pattern in hosts.split(',') {
        let pattern = pattern.to_ascii_lowercase();
        match pattern.strip_prefix('!') {
            Some(not) if fits(not, &name) => return false,
            Some(_) => {}
            None => named |= fits(&pattern, &name),
        }
    }
    named
}

/// Whether `text` fits a pattern of `*` (any characters) and `?` (one character).
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, at)) => {
                    retry = Some((star, at + 1));
                    p = star + 1;
                    t = at + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &str, seed: u8) -> HostKey {
        let length = u32::try_from(kind.len()).unwrap().to_be_bytes();
        HostKey {
            kind: kind.to_owned(),
            blob: [length.as_slice(), kind.as_bytes(), &[seed; 32]].concat(),
        }
    }

    fn line(hosts: &str, key: &HostKey) -> String {
        format!("{hosts} {} {}\n", key.kind, BASE64.encode(&key.blob))
    }

    const ED: &str = "ssh-ed25519";

    #[test]
    fn a_key_is_known_unknown_changed_or_revoked() {
        let (ours, other) = (key(ED, 1), key(ED, 2));
        let rsa = key("ssh-rsa", 3);
        let changed = |keys: &[&HostKey]| {
            let expected = keys.iter().map(|key| key.fingerprint()).collect();
            Err(Distrust::Changed(expected))
        };
        let known = line("web1", &ours);
        for (text, want) in [
            (known.clone(), Ok(())),
            (String::new(), Err(Distrust::Unknown)),
            (line("web2", &ours), Err(Distrust::Unknown)),
            (line("web1", &other), changed(&[&other])),
            // a key of another type is no excuse
            (line("web1", &rsa), changed(&[&rsa])),
            (line("web1", &other) + &known, Ok(())),
            (
                known.clone() + "@revoked * " + &line("", &ours),
                Err(Distrust::Revoked),
            ),
            (
                known.clone() + "@revoked web9 " + &line("", &ours),
                Err(Distrust::Revoked),
            ),
            (known.clone() + "@revoked * " + &line("", &other), Ok(())),
            (
                "@cert-authority * ".to_owned() + &line("", &ours),
                Err(Distrust::Authority),
            ),
            (
                "@cert-authority * ".to_owned() + &line("", &other) + &known,
                Ok(()),
            ),
            (line("we?1,!web1", &ours), Err(Distrust::Unknown)),
            (line("WEB*,db", &ours), Ok(())),
            (
                known.clone() + "@revoked * ssh-ed25519 AAAA\n",
                Err(Distrust::Garbage(2)),
            ),
            (
                known.clone() + "@revokd * " + &line("", &other),
                Err(Distrust::Garbage(2)),
            ),
            (
                "# note\n\n  \t\n".to_owned() + "web1\tssh-ed25519\t!!\n",
                Err(Distrust::Garbage(4)),
            ),
            (
                "web1".to_owned() + "\t" + line("", &ours).trim() + " a comment\n",
                Ok(()),
            ),
            (
                "|1|x|y ".to_owned() + &line("", &ours),
                Err(Distrust::Garbage(1)),
            ),
        ] {
            assert_eq!(decide(&text, "web1", &ours), want, "{text}");
        }
    }

    #[test]
    fn another_port_is_another_host() {
        assert_eq!(known_name("10.0.0.1", 22), "10.0.0.1");
        assert_eq!(known_name("10.0.0.1", 2222), "[10.0.0.1]:2222");
        let ours = key(ED, 1);
        let text = line("10.0.0.1", &ours);
        assert_eq!(
            decide(&text, &known_name("10.0.0.1", 2222), &ours),
            Err(Distrust::Unknown)
        );
    }

    #[test]
    fn the_kinds_that_are_asked_for_are_those_that_are_known() {
        let text = line("a", &key(ED, 1))
            + &line("a", &key("ssh-rsa", 1))
            + &line("b", &key("ecdsa-sha2-nistp256", 1))
            + "@revoked * "
            + &line("", &key("ssh-dss", 1));
        assert_eq!(kinds(&text, "a"), ["ssh-ed25519", "ssh-rsa"]);
        assert!(kinds(&text, "c").is_empty());
    }

    #[test]
    fn patterns_fit_as_those_of_openssh() {
        for (pattern, text, want) in [
            ("10.20.*", "10.20.3.4", true),
            ("10.20.*", "10.2.3.4", false),
            ("*.example", "a.b.example", true),
            ("a*b*c", "aXbXbc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("*", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hashed_name_is_found_by_its_whole_text() {
        let salt = [7_u8; 20];
        let mut mac = Hmac::<Sha1>::new_from_slice(&salt).unwrap();
        mac.update(b"[web1]:2222");
        let hash = BASE64.encode(&mac.finalize().into_bytes());
        let hosts = format!("|1|{}|{hash}", BASE64.encode(&salt));
        assert!(names(&hosts, "[WEB1]:2222") && !names(&hosts, "web1"));
    }
}
