//! Names everything that a machine lacks, with the command that installs it, before anything is built.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::programs;
use crate::session::Session;

/// What a verb is going to need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compilers and interpreters: `build`, `demo`.
    Build,
    /// The same, and the real servers and the browser: `test`, `bench`, `lab`, `screenshots`.
    Test,
}

/// One thing that must be there.
struct Tool {
    name: &'static str,
    /// Why what was found does not do; `None` when it does.
    problem: fn() -> Option<String>,
    /// Debian's packages that bring it, where Debian's are new enough.
    debian: &'static [&'static str],
    /// What to do on any other system.
    elsewhere: &'static str,
    purpose: Purpose,
}

const TOOLS: [Tool; 13] = [
    Tool {
        name: "rustup",
        problem: || missing("rustup"),
        debian: &[],
        elsewhere: "install it from https://rustup.rs, then run `rustup show` in this folder",
        purpose: Purpose::Build,
    },
    Tool {
        name: "cc",
        problem: || missing("cc"),
        debian: &["gcc", "libc6-dev"],
        elsewhere: "install a C compiler (Xcode command line tools, gcc or clang)",
        purpose: Purpose::Build,
    },
    Tool {
        name: "node, 20.19 or later",
        problem: node_problem,
        debian: &[],
        elsewhere: "install Node.js 20.19 or later from https://nodejs.org",
        purpose: Purpose::Build,
    },
    Tool {
        name: "npm",
        problem: || missing("npm"),
        debian: &[],
        elsewhere: "npm comes with Node.js: install it from https://nodejs.org",
        purpose: Purpose::Build,
    },
    Tool {
        name: "python3, 3.11 or later, with venv",
        problem: python_problem,
        debian: &["python3", "python3-venv"],
        elsewhere: "install Python 3.11 or later from https://www.python.org",
        purpose: Purpose::Build,
    },
    Tool {
        name: "chromium",
        problem: || missing("chromium"),
        debian: &["chromium"],
        elsewhere: "install Chromium and put `chromium` on PATH",
        purpose: Purpose::Test,
    },
    Tool {
        name: "chromedriver",
        problem: || missing("chromedriver"),
        debian: &["chromium-driver"],
        elsewhere: "install ChromeDriver of the same version as Chromium",
        purpose: Purpose::Test,
    },
    Tool {
        name: "prometheus",
        problem: || missing("prometheus"),
        debian: &["prometheus"],
        elsewhere: "install Prometheus from https://prometheus.io/download",
        purpose: Purpose::Test,
    },
    Tool {
        name: "promtool",
        problem: || missing("promtool"),
        debian: &["prometheus"],
        elsewhere: "promtool comes with Prometheus: https://prometheus.io/download",
        purpose: Purpose::Test,
    },
    Tool {
        name: "victoria-metrics",
        problem: || missing("victoria-metrics"),
        debian: &["victoria-metrics"],
        elsewhere: "install VictoriaMetrics from https://victoriametrics.com, and call its program victoria-metrics",
        purpose: Purpose::Test,
    },
    Tool {
        name: "sshd",
        problem: || missing("sshd"),
        debian: &["openssh-server"],
        elsewhere: "install OpenSSH's server",
        purpose: Purpose::Test,
    },
    Tool {
        name: "sudo",
        problem: || missing("sudo"),
        debian: &["sudo"],
        elsewhere: "install sudo",
        purpose: Purpose::Test,
    },
    Tool {
        name: "brotli",
        problem: || missing("brotli"),
        debian: &["brotli"],
        elsewhere: "install the brotli command",
        purpose: Purpose::Test,
    },
];

/// Checks everything that `purpose` needs; for tests, as root on Debian, installs what it can.
///
/// # Errors
/// One message that names each missing thing and the command that installs it.
pub(crate) fn check(session: &Session, purpose: Purpose) -> Result<()> {
    let mut missing = missing_tools(purpose);
    if purpose == Purpose::Test && may_install() {
        let packages = debian_packages(&missing);
        if !packages.is_empty() {
            install(session, &packages)?;
            missing = missing_tools(purpose);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "{}",
        message(&missing, Path::new("/etc/debian_version").exists())
    )
}

fn missing_tools(purpose: Purpose) -> Vec<(&'static Tool, String)> {
    let needed = TOOLS
        .iter()
        .filter(|tool| tool.purpose == Purpose::Build || purpose == Purpose::Test);
    needed
        .filter_map(|tool| (tool.problem)().map(|problem| (tool, problem)))
        .collect()
}

fn debian_packages(missing: &[(&Tool, String)]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = missing
        .iter()
        .flat_map(|(tool, _)| tool.debian.iter().copied())
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn message(missing: &[(&Tool, String)], debian: bool) -> String {
    let mut text = String::from("this machine lacks:\n");
    for (tool, problem) in missing {
        text.push_str(&format!("  {}: {problem}\n", tool.name));
        if !debian || tool.debian.is_empty() {
            text.push_str(&format!("      {}\n", tool.elsewhere));
        }
    }
    let packages = debian_packages(missing);
    if debian && !packages.is_empty() {
        text.push_str(&format!(
            "  sudo apt-get update && sudo apt-get install -y --no-install-recommends {}\n",
            packages.join(" ")
        ));
    }
    text.push_str("install that, then run the same command again");
    text
}

fn missing(name: &str) -> Option<String> {
    programs::find(name)
        .is_none()
        .then(|| "not found".to_owned())
}

fn node_problem() -> Option<String> {
    let Some(version) = programs::output("node", &["--version"]) else {
        return Some("not found".to_owned());
    };
    let numbers: Vec<u32> = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .filter_map(|number| number.parse().ok())
        .collect();
    // What @jupyter/builder's bundler asks for.
    (numbers < vec![20, 19]).then(|| format!("{} is too old", version.trim()))
}

fn python_problem() -> Option<String> {
    let Some(version) = programs::output(
        "python3",
        &["-c", "import sys; print(*sys.version_info[:2])"],
    ) else {
        return Some("not found".to_owned());
    };
    let numbers: Vec<u32> = version
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    if numbers < vec![3, 11] {
        return Some(format!("{} is too old", version.trim().replace(' ', ".")));
    }
    let venv = programs::output("python3", &["-c", "import venv, ensurepip"]);
    venv.is_none()
        .then(|| "its venv module is missing".to_owned())
}

fn may_install() -> bool {
    Path::new("/etc/debian_version").exists() && rustix::process::geteuid().is_root()
}

fn install(session: &Session, packages: &[&str]) -> Result<()> {
    session.step("install Debian packages", |log| {
        let _quiet = NoServices::declare()?;
        log.run(Command::new("apt-get").arg("update"))?;
        let mut command = Command::new("apt-get");
        command
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive");
        log.run(&mut command)
    })
}

/// While it lives, Debian starts no service of a package it installs: the tests start their own, on free ports.
struct NoServices {
    created: bool,
}

impl NoServices {
    const POLICY: &'static str = "/usr/sbin/policy-rc.d";

    fn declare() -> Result<Self> {
        if Path::new(Self::POLICY).exists() {
            return Ok(Self { created: false });
        }
        std::fs::write(Self::POLICY, "#!/bin/sh\nexit 101\n")?;
        let guard = Self { created: true };
        std::fs::set_permissions(
            Self::POLICY,
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )?;
        Ok(guard)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.created {
            let _ = std::fs::remove_file(Self::POLICY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(names: &[&str]) -> Vec<(&'static Tool, String)> {
        TOOLS
            .iter()
            .filter(|tool| names.contains(&tool.name))
            .map(|tool| (tool, "not found".to_owned()))
            .collect()
    }

    #[test]
    fn one_message_names_everything_with_one_install_command() {
        let text = message(
            &lacking(&["prometheus", "promtool", "chromium", "npm"]),
            true,
        );
        assert!(
            text.contains("apt-get install -y --no-install-recommends chromium prometheus\n"),
            "{text}"
        );
        assert!(
            text.contains("nodejs.org"),
            "npm is not taken from Debian, whose node is too old: {text}"
        );
        assert!(!text.contains("prometheus.io"), "{text}");
    }

    #[test]
    fn other_systems_get_words_instead_of_apt() {
        let text = message(&lacking(&["prometheus"]), false);
        assert!(text.contains("prometheus.io"), "{text}");
        assert!(!text.contains("apt-get"), "{text}");
    }
}
