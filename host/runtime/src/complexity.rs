//! How long a component would take to compile, estimated before it is compiled.
//!
//! Cranelift cannot be interrupted, and a few kilobytes can keep it busy for minutes. The weights below were measured
//! on components generated to be the worst of their kind; docs/decisions/0001-compile-in-process.md has the figures.
//! A function's memory grows with its time, by some 150 MB a second, and as many functions are compiled at once as
//! there are processors: so one function may take only a part of what all of them may.

use wasmparser::{
    BlockType, CompositeInnerType, ContType, ExternalKind, FrameKind, FuncType, FunctionBody, ModuleArity, Operator,
    Parser, Payload, RefType, Result, SubType, TypeRef,
};

use crate::{error::LoadError, text};

/// Functions are compiled side by side.
const PROCESSORS: u64 = 2;

/// The part of the limit that one function may take.
const FUNCTION_SHARE: u64 = 6;

/// Memories, and tables, that all modules of a component may define together. An instance may have no more.
const MAX_MEMORIES: u32 = crate::engine::MAX_MEMORIES;
const MAX_TABLES: u32 = MAX_MEMORIES * crate::engine::TABLES_PER_SLOT;

/// Nanoseconds of one processor.
mod nanos {
    pub(super) const FUNCTION: u64 = 280_000;
    pub(super) const LOCAL: u64 = 350;
    /// A type, import, export, global, segment or instance.
    pub(super) const ITEM: u64 = 5_000;
    pub(super) const SIMPLE: u64 = 1_000;
    pub(super) const ARITHMETIC: u64 = 2_000;
    pub(super) const LOAD: u64 = 27_000;
    pub(super) const OTHER: u64 = 12_000;
    pub(super) const CALL: u64 = 12_000;
    pub(super) const CALL_INDIRECT: u64 = 150_000;
    /// What calls a function of the runtime.
    pub(super) const LIBCALL: u64 = 130_000;
    pub(super) const BRANCH: u64 = 12_000;
    pub(super) const TARGET: u64 = 10_000;
    /// A parameter or result of a call or block beyond [`super::FEW_VALUES`].
    pub(super) const VALUE: u64 = 12_000;
    /// Two basic blocks of one function.
    pub(super) const BLOCK_PAIR: u64 = 4;
    /// A value on the stack, for each loop that it lives through.
    pub(super) const LIVE_IN_LOOP: u64 = 310;
    /// A local variable that is set, for each basic block: it may be a parameter of the block.
    pub(super) const LOCAL_IN_BLOCK: u64 = 300;
    /// Setting a local variable, for each variable of the function that is set: many do not fit into registers.
    pub(super) const SET_BY_LOCALS: u64 = 500;
    /// A loop, for each loop that it lies in.
    pub(super) const NESTED_LOOP: u64 = 2_500;
}

/// So many parameters and results are passed in registers.
const FEW_VALUES: u32 = 12;

/// Refuses what would take too long to compile.
pub(crate) fn check(bytes: &[u8], max_secs: u32) -> std::result::Result<(), LoadError> {
    let costs = costs(bytes).map_err(|error| LoadError::Invalid(text::line(&error.to_string(), 300)))?;
    for (what, found, max) in [("memories", costs.memories, MAX_MEMORIES), ("tables", costs.tables, MAX_TABLES)] {
        if found > max {
            return Err(LoadError::TooComplex(format!("it defines {found} {what}, and {max} are allowed")));
        }
    }
    let max = u64::from(max_secs) * 1_000_000_000;
    let secs = |nanos: u64| nanos.div_ceil(1_000_000_000);
    if costs.all / PROCESSORS > max {
        return Err(LoadError::TooComplex(format!(
            "it would take about {0} s, and {max_secs} s are allowed; remove code that is not used, or raise \
             max_compile_secs in [runtime] to {0}",
            secs(costs.all / PROCESSORS)
        )));
    }
    if costs.largest > max / FUNCTION_SHARE {
        return Err(LoadError::TooComplex(format!(
            "function {} of a module would take about {} s, and one function may take {} s; split the function, or \
             raise max_compile_secs in [runtime] to {}",
            costs.largest_index,
            secs(costs.largest),
            max_secs / u32::try_from(FUNCTION_SHARE).unwrap_or(1),
            secs(costs.largest.saturating_mul(FUNCTION_SHARE)),
        )));
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Costs {
    largest: u64,
    /// The largest function's index among those with a body, in its module.
    largest_index: usize,
    all: u64,
    memories: u32,
    tables: u32,
}

/// What a module declares. Modules do not contain modules, so there is one at a time.
#[derive(Default)]
struct Module {
    types: Vec<SubType>,
    /// Types of all functions, imported ones first.
    functions: Vec<u32>,
    imported: usize,
    /// How many bodies were read.
    bodies: usize,
}

/// A component that is being read: what it costs each time it is instantiated.
type Instantiated = u64;

fn costs(bytes: &[u8]) -> Result<Costs> {
    let mut costs = Costs::default();
    let mut module = Module::default();
    // The components around the payload. wasmtime expands an instance of a component to all that is in it; so that
    // an index need not be resolved, an instance counts as the most expensive component that was read before.
    let mut open: Vec<Option<Instantiated>> = Vec::new();
    let mut dearest: Instantiated = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let mut items = 0_u64;
        match payload {
            Payload::Version { encoding, .. } => {
                module = Module::default();
                open.push((encoding == wasmparser::Encoding::Component).then_some(1));
            }
            Payload::End(_) => {
                if let Some(Some(instantiated)) = open.pop() {
                    dearest = dearest.max(instantiated);
                }
            }
            Payload::TypeSection(types) => {
                for group in types {
                    for ty in group?.into_types() {
                        // wasmtime compiles a function for each type, which calls the host's functions of this type.
                        costs.all += nanos::FUNCTION + size_of(&ty) * nanos::VALUE;
                        module.types.push(ty);
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        module.functions.push(ty);
                    }
                    items += 1;
                }
                module.imported = module.functions.len();
            }
            Payload::FunctionSection(functions) => {
                for function in functions {
                    module.functions.push(function?);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    items += 1;
                    // One that is exported is also compiled to be called by the host.
                    if export.kind == ExternalKind::Func {
                        let ty = module.function(export.index);
                        costs.all += nanos::CALL + values(ty.map_or(0, size_of)) * nanos::VALUE;
                    }
                }
            }
            Payload::TableSection(tables) => costs.tables += tables.count(),
            Payload::MemorySection(memories) => costs.memories += memories.count(),
            Payload::GlobalSection(globals) => items += u64::from(globals.count()),
            Payload::ElementSection(elements) => items += u64::from(elements.count()),
            Payload::DataSection(data) => items += u64::from(data.count()),
            Payload::CodeSectionEntry(body) => {
                let cost = Function::new(&module).cost(&body)?;
                if cost > costs.largest {
                    (costs.largest, costs.largest_index) = (cost, module.bodies);
                }
                costs.all = costs.all.saturating_add(cost);
                module.bodies += 1;
            }
            Payload::InstanceSection(section) => items += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => items += section.range().len() as u64,
            Payload::ComponentAliasSection(section) => items += u64::from(section.count()),
            Payload::ComponentImportSection(section) => items += u64::from(section.count()),
            Payload::ComponentExportSection(section) => items += u64::from(section.count()),
            // Lifting and lowering compile a function each.
            Payload::ComponentCanonicalSection(section) => {
                costs.all += u64::from(section.count()) * nanos::FUNCTION;
                items += u64::from(section.count());
            }
            Payload::ComponentInstanceSection(section) => {
                items += u64::from(section.count()).saturating_mul(dearest.saturating_add(1));
            }
            _ => {}
        }
        costs.all = costs.all.saturating_add(items.saturating_mul(nanos::ITEM));
        if let Some(Some(around)) = open.last_mut() {
            *around = around.saturating_add(items);
        }
    }
    Ok(costs)
}

/// Parameters and results.
fn size_of(ty: &SubType) -> u64 {
    match &ty.composite_type.inner {
        CompositeInnerType::Func(func) => (func.params().len() + func.results().len()) as u64,
        _ => 0,
    }
}

/// Those that cost something.
fn values(all: u64) -> u64 {
    all.saturating_sub(u64::from(FEW_VALUES))
}

impl Module {
    fn function(&self, index: u32) -> Option<&SubType> {
        self.types.get(*self.functions.get(index as usize)? as usize)
    }
}

/// A function that is being read.
struct Function<'a> {
    module: &'a Module,
    /// The blocks around the operator, the function itself first.
    blocks: Vec<Block>,
    /// Values on the stack.
    height: u64,
}

struct Block {
    ty: BlockType,
    kind: FrameKind,
    /// Values on the stack below the block.
    below: u64,
}

impl<'a> Function<'a> {
    fn new(module: &'a Module) -> Self {
        let index = module.functions.get(module.imported + module.bodies).copied().unwrap_or(u32::MAX);
        let body = Block { ty: BlockType::FuncType(index), kind: FrameKind::Block, below: 0 };
        Self { module, blocks: vec![body], height: 0 }
    }

    fn cost(mut self, body: &FunctionBody<'_>) -> Result<u64> {
        let own = self.module.types.get(match self.blocks[0].ty {
            BlockType::FuncType(index) => index as usize,
            _ => usize::MAX,
        });
        let mut locals = own.map_or(0, size_of);
        let mut cost = nanos::FUNCTION + values(locals) * nanos::VALUE;
        for group in body.get_locals_reader()? {
            locals += u64::from(group?.0);
        }
        cost += locals * nanos::LOCAL;
        let (mut basic_blocks, mut nested_loops, mut sets) = (1_u64, 0_u64, 0_u64);
        let mut set_locals = std::collections::HashSet::new();
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let (weight, new_blocks) = weight(&operator);
            cost = cost.saturating_add(weight);
            basic_blocks += new_blocks;
            let (pops, pushes) = operator.operator_arity(&self).unwrap_or((0, 0));
            let (pops, pushes) = (u64::from(pops), u64::from(pushes));
            match &operator {
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    sets += 1;
                    set_locals.insert(*local_index);
                }
                // Each target takes the values.
                Operator::BrTable { targets } => {
                    let moved = values(pops) * (u64::from(targets.len()) + 1);
                    cost = cost.saturating_add(moved * nanos::VALUE);
                }
                _ => cost = cost.saturating_add(values(pops + pushes) * nanos::VALUE),
            }
            self.step(&operator, pops, pushes);
            if matches!(operator, Operator::Loop { .. }) {
                nested_loops += self.blocks.iter().filter(|block| block.kind == FrameKind::Loop).count() as u64;
                cost = cost.saturating_add(self.height * nanos::LIVE_IN_LOOP);
            }
        }
        let set_locals = set_locals.len() as u64;
        cost = cost.saturating_add(sets.saturating_mul(set_locals) * nanos::SET_BY_LOCALS);
        cost = cost.saturating_add(nested_loops * nanos::NESTED_LOOP);
        cost = cost.saturating_add(set_locals * (basic_blocks + nested_loops) * nanos::LOCAL_IN_BLOCK);
        Ok(cost.saturating_add(basic_blocks.saturating_mul(basic_blocks) * nanos::BLOCK_PAIR))
    }

    /// Follows the stack and the blocks over an operator.
    fn step(&mut self, operator: &Operator<'_>, pops: u64, pushes: u64) {
        let enter = |kind, ty| Some(Block { ty, kind, below: 0 });
        let entered = match operator {
            Operator::Block { blockty } => enter(FrameKind::Block, *blockty),
            Operator::Loop { blockty } => enter(FrameKind::Loop, *blockty),
            Operator::If { blockty } => enter(FrameKind::If, *blockty),
            _ => None,
        };
        let floor = self.blocks.last().map_or(0, |block| block.below);
        match operator {
            Operator::End | Operator::Else => self.height = floor + pushes,
            Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable => {
                self.height = floor;
            }
            _ => self.height = self.height.saturating_sub(pops).max(floor) + pushes,
        }
        if let Some(block) = entered {
            self.blocks.push(Block { below: self.height.saturating_sub(pushes), ..block });
        } else if matches!(operator, Operator::End) {
            self.blocks.pop();
        }
    }
}

/// An operator's cost but for the values that it moves, and the basic blocks that it makes.
fn weight(operator: &Operator<'_>) -> (u64, u64) {
    match operator {
        Operator::Block { .. } | Operator::Loop { .. } | Operator::Else | Operator::Br { .. } => (nanos::BRANCH, 1),
        Operator::If { .. } | Operator::BrIf { .. } => (nanos::BRANCH, 2),
        Operator::BrTable { targets } => {
            let targets = u64::from(targets.len()) + 1;
            (targets * nanos::TARGET, targets)
        }
        Operator::Call { .. } | Operator::ReturnCall { .. } => (nanos::CALL, 0),
        Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. } => (nanos::CALL_INDIRECT, 3),
        Operator::LocalGet { .. }
        | Operator::LocalSet { .. }
        | Operator::LocalTee { .. }
        | Operator::I32Const { .. }
        | Operator::I64Const { .. }
        | Operator::Drop
        | Operator::Nop
        | Operator::End => (nanos::SIMPLE, 0),
        Operator::MemoryGrow { .. }
        | Operator::MemoryCopy { .. }
        | Operator::MemoryFill { .. }
        | Operator::MemoryInit { .. }
        | Operator::DataDrop { .. }
        | Operator::TableGet { .. }
        | Operator::TableSet { .. }
        | Operator::TableGrow { .. }
        | Operator::TableCopy { .. }
        | Operator::TableFill { .. }
        | Operator::TableInit { .. }
        | Operator::ElemDrop { .. }
        | Operator::RefFunc { .. } => (nanos::LIBCALL, 2),
        Operator::I32Eqz
        | Operator::I32Eq
        | Operator::I32Ne
        | Operator::I32LtS
        | Operator::I32LtU
        | Operator::I32GtS
        | Operator::I32GtU
        | Operator::I32LeS
        | Operator::I32LeU
        | Operator::I32GeS
        | Operator::I32GeU
        | Operator::I32Clz
        | Operator::I32Ctz
        | Operator::I32Popcnt
        | Operator::I32Add
        | Operator::I32Sub
        | Operator::I32Mul
        | Operator::I32And
        | Operator::I32Or
        | Operator::I32Xor
        | Operator::I32Shl
        | Operator::I32ShrS
        | Operator::I32ShrU
        | Operator::I32Rotl
        | Operator::I32Rotr
        | Operator::I32Extend8S
        | Operator::I32Extend16S
        | Operator::I64Eqz
        | Operator::I64Eq
        | Operator::I64Ne
        | Operator::I64LtS
        | Operator::I64LtU
        | Operator::I64GtS
        | Operator::I64GtU
        | Operator::I64LeS
        | Operator::I64LeU
        | Operator::I64GeS
        | Operator::I64GeU
        | Operator::I64Clz
        | Operator::I64Ctz
        | Operator::I64Popcnt
        | Operator::I64Add
        | Operator::I64Sub
        | Operator::I64Mul
        | Operator::I64And
        | Operator::I64Or
        | Operator::I64Xor
        | Operator::I64Shl
        | Operator::I64ShrS
        | Operator::I64ShrU
        | Operator::I64Rotl
        | Operator::I64Rotr
        | Operator::I64Extend8S
        | Operator::I64Extend16S
        | Operator::I64Extend32S
        | Operator::I32WrapI64
        | Operator::I64ExtendI32S
        | Operator::I64ExtendI32U
        | Operator::Select => (nanos::ARITHMETIC, 0),
        Operator::I32Load { .. }
        | Operator::I64Load { .. }
        | Operator::F32Load { .. }
        | Operator::F64Load { .. }
        | Operator::I32Load8S { .. }
        | Operator::I32Load8U { .. }
        | Operator::I32Load16S { .. }
        | Operator::I32Load16U { .. }
        | Operator::I64Load8S { .. }
        | Operator::I64Load8U { .. }
        | Operator::I64Load16S { .. }
        | Operator::I64Load16U { .. }
        | Operator::I64Load32S { .. }
        | Operator::I64Load32U { .. }
        | Operator::V128Load { .. }
        | Operator::V128Load8x8S { .. }
        | Operator::V128Load8x8U { .. }
        | Operator::V128Load16x4S { .. }
        | Operator::V128Load16x4U { .. }
        | Operator::V128Load32x2S { .. }
        | Operator::V128Load32x2U { .. }
        | Operator::V128Load8Splat { .. }
        | Operator::V128Load16Splat { .. }
        | Operator::V128Load32Splat { .. }
        | Operator::V128Load64Splat { .. }
        | Operator::V128Load32Zero { .. }
        | Operator::V128Load64Zero { .. }
        | Operator::V128Load8Lane { .. }
        | Operator::V128Load16Lane { .. }
        | Operator::V128Load32Lane { .. }
        | Operator::V128Load64Lane { .. } => (nanos::LOAD, 0),
        // Stores, divisions, floating point, vectors, and whatever a later version adds.
        _ => (nanos::OTHER, 0),
    }
}

impl ModuleArity for Function<'_> {
    fn sub_type_at(&self, index: u32) -> Option<&SubType> {
        self.module.types.get(index as usize)
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, index: u32) -> Option<u32> {
        self.module.functions.get(index as usize).copied()
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)
    }

    fn label_block(&self, depth: u32) -> Option<(BlockType, FrameKind)> {
        let index = self.blocks.len().checked_sub(1 + depth as usize)?;
        self.blocks.get(index).map(|block| (block.ty, block.kind))
    }
}
