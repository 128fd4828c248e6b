//! The runner that cargo starts with a compiled test of the browser core: it serves the test to a headless browser.
//!
//! A program of this workspace, so that the lock file pins it and it shares what is compiled anyway.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
