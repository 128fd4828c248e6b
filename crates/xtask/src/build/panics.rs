//! What a panic says, taken out of the browser core.
//!
//! A browser has no standard error: a panic there is a trap, and its text reaches nobody. The functions of the standard
//! library that put such texts together become the trap itself, so that the optimiser can drop what was made for them.

use walrus::{FunctionBuilder, FunctionId, Module};

/// Where the standard library has the functions that only panic: parts of their demangled names.
const ONLY_PANIC: [&str; 11] = [
    "core::panicking::",
    "std::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_already",
    "core::slice::index::slice_index_fail",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::alloc::handle_alloc_error",
];

/// Makes each function that only panics a bare trap, and says how many there were.
pub(crate) fn to_traps(module: &mut Module) -> usize {
    let panicking: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .map(|(id, _)| id)
        .filter(|&id| {
            let name = module.funcs.get(id).name.as_deref();
            name.is_some_and(only_panics)
        })
        .collect();
    for &id in &panicking {
        let signature = module.types.get(module.funcs.get(id).ty());
        let (params, results) = (signature.params().to_vec(), signature.results().to_vec());
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        let args = params.iter().map(|&param| module.locals.add(param));
        let trap = trap.local_func(args.collect());
        module.funcs.get_mut(id).kind = walrus::FunctionKind::Local(trap);
    }
    panicking.len()
}

fn only_panics(name: &str) -> bool {
    // A crate's name may carry its hash: `core[c5930c85a12de822]::panicking::panic_fmt`.
    let mut plain = String::with_capacity(name.len());
    let mut depth = 0_u32;
    for letter in name.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    ONLY_PANIC.iter().any(|part| plain.starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_panics_is_known_by_its_name() {
        for name in [
            "core[c5930c85a12de822]::panicking::panic_fmt",
            "core::panicking::panic_bounds_check::h0123456789abcdef",
            "alloc[3ca501edff3f0c7c]::raw_vec::handle_error",
        ] {
            assert!(only_panics(name), "{name}");
        }
        for name in [
            "casebook_core::suspects::suspects",
            "<core::option::Option<T> as core::fmt::Debug>::fmt",
            "core[c5930c85a12de822]::fmt::write",
        ] {
            assert!(!only_panics(name), "{name}");
        }
    }

    #[test]
    fn a_panic_becomes_a_trap_and_nothing_else_changes() {
        let mut module = Module::default();
        for name in ["core::panicking::panic", "casebook_core::rank"] {
            let mut function = FunctionBuilder::new(
                &mut module.types,
                &[walrus::ValType::I32],
                &[walrus::ValType::I32],
            );
            function.name(name.to_owned());
            let arg = module.locals.add(walrus::ValType::I32);
            function.func_body().local_get(arg);
            function.finish(vec![arg], &mut module.funcs);
        }
        assert_eq!(to_traps(&mut module), 1);
        let is_trap = |name: &str| {
            let id = module.funcs.by_name(name).unwrap();
            let function = module.funcs.get(id).kind.unwrap_local();
            let body = function.block(function.entry_block());
            matches!(body.instrs[0].0, walrus::ir::Instr::Unreachable(_))
        };
        assert!(is_trap("core::panicking::panic"));
        assert!(!is_trap("casebook_core::rank"));
    }
}
