//! Tests of the real binary, a module for each topic: one program, which is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "the helpers of tests may fail them, and are public to their modules alone"
)]

mod approval;
mod audit;
mod aws;
mod aws_boto3;
mod aws_lookup;
mod aws_trouble;
mod config;
#[cfg(feature = "drill")]
mod drill;
mod guards;
mod lab;
mod login;
mod path_tricks;
mod plan_bench;
mod plans;
mod prometheus_relay;
mod relay_limits;
mod shutdown;
mod ssh;
mod ssh_host_keys;
mod ssh_hostile;
mod ssh_instances;
mod static_site;
mod sudo;
mod sudo_host;
mod support;
mod victoriametrics;
