//! A proxy that may move files of a real OpenSSH host, and a person who approves.

use crate::support::{Answer, Proxy, Session, exchange, wait_for};
use casebook_lab::{Sshd, SshdSettings};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The host's name in the proxy's configuration.
pub const HOST: &str = "web1";

/// A host, and the proxy in front of it.
pub struct Bench {
    pub sshd: Sshd,
    pub proxy: Proxy,
    pub cookie: String,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with("")
    }

    /// With keys of `[plans]`.
    pub fn with(plans: &str) -> Bench {
        Bench::start(plans, None)
    }

    /// With another folder that files are moved to.
    pub fn moving_to(folder: &Path) -> Bench {
        Bench::start("", Some(folder))
    }

    fn start(plans: &str, moving_to: Option<&Path>) -> Bench {
        let settings = SshdSettings {
            addresses: vec![[127, 0, 0, 2].into()],
            port: None,
        };
        let sshd = Sshd::start_blocking(&settings).unwrap();
        let config = sshd.config("{ name = \"web1\", address = \"127.0.0.2\" }");
        let usual = sshd.quarantine();
        let config = config.replace(
            &format!("{usual:?}"),
            &format!("{:?}", moving_to.unwrap_or(&usual)),
        );
        let proxy = Proxy::builder()
            .tables(&config)
            .tables(&format!("[plans]\n{plans}\n"))
            .start();
        let cookie = proxy.sign_in().cookie;
        let bench = Bench {
            sshd,
            proxy,
            cookie,
        };
        bench.make_mv_wait();
        bench
    }

    /// Has the host's `mv` wait while a file named `hold` is there, and fail where one named `full`
    /// is, as it does when a folder cannot grow.
    fn make_mv_wait(&self) {
        let folder = self.folder();
        let bin = folder.join("bin");
        fs::create_dir(&bin).unwrap();
        let script = |path: PathBuf, text: String| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let at = folder.display();
        script(
            bin.join("mv"),
            format!(
                "#!/bin/sh\necho . >>{at}/moves\nwhile [ -e {at}/hold ]; do sleep 0.05; done\n\
                 [ ! -e {at}/full ] || {{ echo 'mv: cannot move: No space left on device' >&2; exit 1; }}\nexec /bin/mv \"$@\"\n"
            ),
        );
        script(
            folder.join("run"),
            format!(
                "#!/bin/sh\nPATH={at}/bin:$PATH\nexport PATH\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"
            ),
        );
        let keys = folder.join("authorized_keys");
        let key = fs::read_to_string(&keys).unwrap();
        fs::write(&keys, format!("command=\"{at}/run\" {key}")).unwrap();
    }

    fn folder(&self) -> PathBuf {
        self.sshd.identity_file().parent().unwrap().to_owned()
    }

    /// Has the next move wait until [`Bench::release`].
    pub fn hold(&self) {
        fs::write(self.folder().join("hold"), "").unwrap();
    }

    pub fn release(&self) {
        fs::remove_file(self.folder().join("hold")).unwrap();
    }

    /// Has every move fail from now on, for want of space.
    pub fn fill_the_disk(&self) {
        fs::write(self.folder().join("full"), "").unwrap();
    }

    /// How often the host was told to move something.
    pub fn moves(&self) -> usize {
        let text = fs::read_to_string(self.folder().join("moves")).unwrap_or_default();
        text.lines().count()
    }

    pub fn session(&self) -> Session<'_> {
        self.proxy.resume(&self.cookie)
    }

    pub fn ask_plan(&self, path: &str) -> Answer {
        let wish = json!({"host": HOST, "path": path, "note": "<b>it fills the disk</b>"});
        self.session().post_json("/api/v1/plans", &wish)
    }

    /// A plan for the core.
    pub fn plan(&self) -> Value {
        let answer = self.ask_plan(self.sshd.core().to_str().unwrap());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn get(&self, plan: &Value) -> Value {
        let answer = self.session().get(&format!("/api/v1/plans/{}", id(plan)));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn post(&self, plan: &Value, verb: &str) -> Answer {
        let path = format!("/api/v1/plans/{}/{verb}", id(plan));
        self.session().post_json(&path, &json!({}))
    }

    /// The code that the terminal shows for this plan.
    pub fn code(&self, plan: &Value) -> String {
        wait_for("the code on the terminal", || {
            let text = self.proxy.stdout();
            let line = text
                .lines()
                .rfind(|line| line.contains(&format!("/plans/{}  code: ", id(plan))))?;
            let code = line.split("code: ").nth(1)?.split(' ').next()?;
            Some(code.to_owned())
        })
    }

    /// Host and port of the approval page.
    pub fn approvals(&self) -> String {
        let text = self.proxy.stdout();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("approvals: http://"));
        line.unwrap().to_owned()
    }

    /// Sends the approval page's form, with these headers.
    pub fn post_form(&self, path: &str, headers: &str, form: &str) -> Answer {
        let host = self.approvals();
        let port = host.rsplit(':').next().unwrap().parse().unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {}\r\n\r\n{form}",
            form.len()
        );
        exchange(port, request.as_bytes())
    }

    /// The headers that a browser sends with the page's own form.
    pub fn own_form(&self) -> String {
        format!(
            "origin: http://{}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            self.approvals()
        )
    }

    pub fn page(&self, plan: &Value) -> Answer {
        let host = self.approvals();
        let port = host.rsplit(':').next().unwrap().parse().unwrap();
        let request = format!("GET /plans/{} HTTP/1.1\r\nhost: {host}\r\n\r\n", id(plan));
        exchange(port, request.as_bytes())
    }

    pub fn try_code(&self, plan: &Value, code: &str) -> Answer {
        let digest = plan["digest"].as_str().unwrap();
        let form = format!("digest={digest}&code={code}");
        self.post_form(
            &format!("/plans/{}/approve", id(plan)),
            &self.own_form(),
            &form,
        )
    }

    pub fn approve(&self, plan: &Value) {
        let answer = self.try_code(plan, &self.code(plan));
        assert_eq!(answer.status, 303, "{}", answer.text());
    }

    /// A plan for the core that is approved.
    pub fn approved(&self) -> Value {
        let plan = self.plan();
        self.approve(&plan);
        plan
    }

    /// Applies the plan and returns how it stands.
    pub fn apply(&self, plan: &Value) -> Value {
        let answer = self.post(plan, "apply");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Kills the proxy as a loss of power would, and starts it again.
    pub fn kill_and_restart(&mut self) {
        self.proxy.kill();
        self.proxy = Proxy::run(Arc::clone(&self.proxy.folder), "");
        // The port is another one, and it is in the cookie's name.
        let token = self.cookie.split('=').nth(1).unwrap();
        self.cookie = format!("casebook_session_{}={token}", self.proxy.port);
    }

    pub fn wait_for_state(&self, plan: &Value, state: &str) -> Value {
        let mut last = Value::Null;
        wait_for(&format!("the state {state} of {plan}"), || {
            last = self.get(plan);
            (last["state"] == state).then(|| last.clone())
        })
    }
}

pub fn id(plan: &Value) -> &str {
    plan["id"].as_str().unwrap()
}

pub fn target(plan: &Value) -> PathBuf {
    PathBuf::from(plan["facts"]["target"].as_str().unwrap())
}
