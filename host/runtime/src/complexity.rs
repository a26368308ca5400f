//! How long a component would take to compile, guessed before it is compiled.
//!
//! The compiler's time and memory grow with the number of a function's local variables times
//! the number of ways through it: 26 kB made for the purpose take a minute and a gigabyte. What
//! people write, and what an interpreter compiled to WebAssembly holds, stays far below the
//! bounds here. They turn away the worst; [`crate::Compiler`] bounds the rest, or where there is none
//! [`crate::RuntimeOptions::compile_secs`] the wait for it.

use wasmparser::{CompositeInnerType, FunctionBody, Operator, Parser, Payload, Result};

use crate::{error::LoadError, text};

/// The most of one function. An interpreter's main loop comes to some 10 million.
const MAX_OF_FUNCTION: u64 = 50_000_000;

/// The most of all functions together. Python, the whole of it, comes to some 30 million.
const MAX_OF_ALL: u64 = 500_000_000;

/// Refuses what would take far too long to compile.
pub(crate) fn check(bytes: &[u8]) -> std::result::Result<(), LoadError> {
    let costs = costs(bytes).map_err(|error| LoadError::Invalid(text::line(&error.to_string(), 300)))?;
    let advice = "split the function, or build it with fewer local variables";
    if costs.largest > MAX_OF_FUNCTION {
        return Err(LoadError::TooComplex(format!(
            "a function has too many local variables for its branches (their product is {}, at most {MAX_OF_FUNCTION}): {advice}",
            costs.largest
        )));
    }
    if costs.all > MAX_OF_ALL {
        return Err(LoadError::TooComplex(format!(
            "its functions have too many local variables for their branches (the products come to {}, at most {MAX_OF_ALL})",
            costs.all
        )));
    }
    Ok(())
}

#[derive(Default)]
struct Costs {
    largest: u64,
    all: u64,
}

/// What a module's functions are declared as. Modules do not lie within modules, so there is
/// one at a time.
#[derive(Default)]
struct Module {
    /// Parameters of each type; none for what is no function.
    parameters: Vec<u32>,
    /// Types of the functions that have a body.
    functions: Vec<u32>,
    /// How many bodies came by.
    bodies: usize,
}

fn costs(bytes: &[u8]) -> Result<Costs> {
    let mut costs = Costs::default();
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => module = Module::default(),
            Payload::TypeSection(types) => {
                for group in types {
                    module.parameters.extend(group?.types().map(|ty| match &ty.composite_type.inner {
                        CompositeInnerType::Func(func) => u32::try_from(func.params().len()).unwrap_or(u32::MAX),
                        _ => 0,
                    }));
                }
            }
            Payload::FunctionSection(functions) => {
                module.functions = functions.into_iter().collect::<Result<_>>()?;
            }
            Payload::CodeSectionEntry(body) => {
                let ty = module.functions.get(module.bodies).copied().unwrap_or(0);
                let parameters = module.parameters.get(ty as usize).copied().unwrap_or(0);
                module.bodies += 1;
                let cost = cost(&body, parameters)?;
                costs.largest = costs.largest.max(cost);
                costs.all = costs.all.saturating_add(cost);
            }
            _ => {}
        }
    }
    Ok(costs)
}

/// Local variables times ways. A loop counts once for each loop it lies in: every variable may
/// come around in each of them.
fn cost(body: &FunctionBody<'_>, parameters: u32) -> Result<u64> {
    let mut locals = u64::from(parameters) + 1;
    for group in body.get_locals_reader()? {
        locals += u64::from(group?.0);
    }
    let mut ways = 1_u64;
    // Whether each block that is open is a loop.
    let mut open: Vec<bool> = Vec::new();
    let mut loops = 0_u64;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Loop { .. } => {
                open.push(true);
                loops += 1;
                ways += loops;
            }
            Operator::Block { .. } | Operator::If { .. } => {
                open.push(false);
                ways += 1;
            }
            Operator::End => loops -= u64::from(open.pop().unwrap_or(false)),
            Operator::Else | Operator::Br { .. } | Operator::BrIf { .. } => ways += 1,
            Operator::BrTable { targets } => ways += u64::from(targets.len()) + 1,
            _ => {}
        }
    }
    Ok(locals.saturating_mul(ways))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs_of(function: &str) -> Costs {
        let module = wat::parse_str(format!("(module (func {function}))")).expect("text that parses");
        costs(&module).expect("a module")
    }

    #[test]
    fn variables_count_for_every_way() {
        for (function, expected) in [
            ("", 1),
            ("(param i32 i32) (local i64)", 4),
            ("(param i32) (local i32) (block (br_if 0 (local.get 0)))", 3 * 3),
            ("(local i32) (if (local.get 0) (then) (else))", 2 * 3),
            ("(local i32) (loop (loop) (loop)) (loop)", 2 * (1 + 1 + 2 + 2 + 1)),
            ("(local i32) (block (br_table 0 0 0 0 (local.get 0)))", 2 * (1 + 1 + 4)),
        ] {
            let costs = costs_of(function);
            assert_eq!((costs.largest, costs.all), (expected, expected), "{function}");
        }
    }

    #[test]
    fn functions_add_up() {
        let text = "(module (func (param i32)) (func) (func (param i32) (block)))";
        let costs = costs(&wat::parse_str(text).expect("text that parses")).expect("a module");
        assert_eq!((costs.largest, costs.all), (4, 2 + 1 + 4));
    }

    #[test]
    fn a_function_made_to_stall_the_compiler_is_refused() {
        let loops = format!("(local {}) {}{}", "i32 ".repeat(1000), "(loop ".repeat(400), ")".repeat(400));
        let module = wat::parse_str(format!("(module (func {loops}))")).expect("text that parses");
        assert!(module.len() < 5_000, "{} bytes", module.len());
        let refused = check(&module).expect_err("a bomb").to_string();
        assert!(refused.contains("too many local variables for its branches"), "{refused}");
    }
}
