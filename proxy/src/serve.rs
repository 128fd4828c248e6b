//! `casebook-proxy serve`: the start, in order, and the end.

use crate::app::App;
use crate::approval;
use crate::audit::Audit;
use crate::aws::Account;
use crate::config::Config;
use crate::limits::Limits;
use crate::link::Links;
use crate::link_socket;
use crate::listen;
use crate::metrics;
use crate::ops::{self, Ops};
use crate::plan::{self, Plans};
use crate::policy::Policy;
use crate::prometheus::Source;
use crate::router;
use crate::server::{self, Caps, Stop};
use crate::session::Sessions;
use crate::site::Site;
use crate::ssh::Ssh;
use crate::terminal;
use anyhow::Context;
use axum::body::Body;
use casebook_wire::VERSION;
use http::Request;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, TryLockError};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::TaskTracker;

const OPS_CAPS: Caps = Caps {
    connections: 32,
    header_timeout: std::time::Duration::from_secs(10),
};

/// Serves until SIGINT or SIGTERM. `next` is the path that the printed link opens.
pub async fn serve(mut config: Config, next: &str) -> anyhow::Result<()> {
    let told_to_stop = stop_signal()?;
    let handle = metrics::install()?;
    let site = Site::open(&config.server.site)?;

    let (first, second) = listen::both(config.server.listen_port).await?;
    let ops_listener = listen::one(
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        config.server.ops_port,
        "ops_port",
    )
    .await?;
    let moves_files = config.ssh.as_ref().is_some_and(Plans::configured);
    let approval_listener = if moves_files {
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Some(listen::one(ip, config.server.approval_port, "approval_port").await?)
    } else {
        None
    };
    if let Some(listener) = &approval_listener {
        config.server.approval_port = listener.local_addr()?.port();
    }
    let port = first.local_addr()?.port();
    let ops_port = ops_listener.local_addr()?.port();
    config.server.listen_port = port;
    if config.server.public_hosts.is_empty() {
        config.server.public_hosts.push(format!("localhost:{port}"));
    }

    let state_dir = config.server.state_dir.clone();
    let _lock = take_state_dir(&state_dir)?;
    anyhow::ensure!(
        !site.holds(&state_dir),
        "server.state_dir lies in server.site, which is served to everyone; set another folder"
    );
    let app = Arc::new(build(config, site, &state_dir)?);
    let socket = link_socket::listen(&state_dir)?;
    tokio::spawn(link_socket::serve(socket, Arc::clone(&app)));
    if moves_files {
        let socket = approval::listen(&state_dir)?;
        tokio::spawn(approval::serve(socket, Arc::clone(&app)));
    }

    let stop = Stop::default();
    let tasks = TaskTracker::new();
    let caps = Caps {
        connections: app.config.limits.connections,
        header_timeout: app.config.limits.header_timeout,
    };
    let shared = Arc::clone(&app);
    let listeners = std::iter::once(first).chain(second).collect();
    server::run(listeners, caps, &stop, &tasks, move |request| {
        router::answer(Arc::clone(&shared), request)
    });
    let pages = Ops {
        hosts: Arc::new(vec![
            format!("127.0.0.1:{ops_port}"),
            format!("localhost:{ops_port}"),
        ]),
        metrics: handle.clone(),
        app: Arc::clone(&app),
    };
    server::run(
        vec![ops_listener],
        OPS_CAPS,
        &stop,
        &tasks,
        move |request: Request<Body>| std::future::ready(ops::answer(&pages, &request)),
    );

    let has_approvals = approval_listener.is_some();
    if let Some(listener) = approval_listener {
        let shared = Arc::clone(&app);
        server::run(vec![listener], OPS_CAPS, &stop, &tasks, move |request| {
            approval::answer(Arc::clone(&shared), request)
        });
        tokio::spawn(plan::settle_all(Arc::clone(&app)));
    }

    terminal::say(&format!(
        "casebook-proxy {VERSION}: http://{}",
        app.config.server.public_hosts.join(" http://")
    ));
    terminal::say(&format!("health and metrics: http://127.0.0.1:{ops_port}"));
    if has_approvals {
        terminal::say(&format!("approvals: http://{}", app.approval_host));
        for (kept, code) in app.plans.waiting().await {
            terminal::announce_plan(&app, &kept, &code);
        }
    }
    terminal::print_link(&app, next);
    terminal::watch_enter(&app, next);

    told_to_stop.await;
    tracing::info!("stopping");
    stop.gentle.cancel();
    tasks.close();
    if tokio::time::timeout(app.config.limits.shutdown_grace, tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!("closing answers that are still running");
        stop.hard.cancel();
        tasks.wait().await;
    }
    app.plans.drain(app.config.limits.shutdown_grace).await;
    app.audit.close();
    Ok(())
}

/// Ends when the process gets SIGINT or SIGTERM.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Makes the folder (what lies in it is readable by its owner alone) and takes it: two proxies in one would tear the log.
fn take_state_dir(state_dir: &Path) -> anyhow::Result<File> {
    let named = || format!("server.state_dir {}", state_dir.display());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state_dir)
        .with_context(named)?;
    let lock = File::create(state_dir.join("lock")).with_context(named)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "{} belongs to another casebook-proxy that is running; stop it, or set another folder",
                named()
            )
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(named),
    }
}

fn build(config: Config, site: Site, state_dir: &Path) -> anyhow::Result<App> {
    let mut sources = BTreeMap::new();
    for (name, source) in &config.prometheus {
        sources.insert(name.clone(), Arc::new(Source::new(name, source)?));
    }
    let mut accounts = BTreeMap::new();
    for (name, account) in &config.aws {
        accounts.insert(name.clone(), Arc::new(Account::new(name, account)?));
    }
    let regions_of = |(name, account): (&String, &Arc<Account>)| {
        let regions = account.config.regions.iter().cloned().collect();
        (name.clone(), regions)
    };
    let host = config
        .server
        .public_hosts
        .first()
        .map_or("localhost", String::as_str);
    let audit = Audit::open(state_dir)
        .with_context(|| format!("cannot open the audit log in {}", state_dir.display()))?;
    let plans = Plans::open(state_dir).with_context(|| {
        format!(
            "cannot open the journal of plans in {}",
            state_dir.display()
        )
    })?;
    Ok(App {
        plans,
        approval_host: format!("127.0.0.1:{}", config.server.approval_port),
        user: user(),
        cookie_name: format!("casebook_session_{}", config.server.listen_port),
        policy: Policy {
            prometheus: sources.keys().cloned().collect(),
            ssh_read: config
                .ssh
                .as_ref()
                .map(|ssh| ssh.paths.read.clone())
                .unwrap_or_default(),
            quarantine_from: config
                .ssh
                .as_ref()
                .map(|ssh| ssh.paths.quarantine_from.clone())
                .unwrap_or_default(),
            aws: accounts.iter().map(regions_of).collect(),
        },
        sessions: Sessions::open(state_dir, config.auth.session_ttl),
        links: Links::new(host, config.auth.link_ttl),
        limits: Limits::new(&config.limits),
        audit,
        site,
        sources,
        aws: accounts,
        ssh: config.ssh.as_ref().map(Ssh::new),
        config,
    })
}

/// Whoever can read the link is whoever runs the proxy.
fn user() -> String {
    ["USER", "LOGNAME"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "local".to_owned())
}
