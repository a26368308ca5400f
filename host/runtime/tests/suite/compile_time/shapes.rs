//! Components that are hard to compile, each of one shape and of any size.

use super::encode::*;

/// A shape's name, and the module or component of a given size.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) build: fn(usize) -> Vec<u8>,
}

/// All shapes. A size is the number of whatever repeats.
pub(super) const SHAPES: &[Shape] = &[
    Shape { name: "tiny functions", build: |n| component(&module(&[ty(&[], &[])], &vec![(0, code(&[], &[])); n])) },
    Shape {
        name: "integer arithmetic",
        build: |n| component(&one(&[I32], &[], &repeat(&[0x20, 0, 0x20, 0, 0x6c, 0x21, 0], n))),
    },
    Shape {
        name: "integer division",
        build: |n| component(&one(&[I32], &[], &repeat(&[0x20, 0, 0x20, 0, 0x6d, 0x21, 0], n))),
    },
    Shape { name: "live values", build: live_values },
    Shape { name: "live values, many functions", build: |n| component(&spread(live_body(100), n)) },
    Shape {
        name: "float arithmetic",
        build: |n| component(&one(&[F64], &[], &cat(&[&[0x20, 0], &repeat(&[0x9f], n), &[0x21, 0]]))),
    },
    Shape { name: "float to integer", build: |n| component(&one(&[F64], &[], &repeat(&[0x20, 0, 0xb0, 0x1a], n))) },
    Shape {
        name: "float rounding",
        build: |n| component(&one(&[F64], &[], &cat(&[&[0x20, 0], &repeat(&[0x9b], n), &[0x21, 0]]))),
    },
    Shape {
        name: "vectors",
        build: |n| component(&one(&[V128], &[], &cat(&[&[0x20, 0], &repeat(&[0xfd, 0xec, 0x01], n), &[0x21, 0]]))),
    },
    Shape {
        name: "vector multiplication",
        build: |n| {
            component(&one(&[V128], &[], &cat(&[&[0x20, 0], &repeat(&[0x20, 0, 0xfd, 0xd5, 0x01], n), &[0x21, 0]])))
        },
    },
    Shape {
        name: "vector shifts",
        build: |n| component(&one(&[V128], &[], &cat(&[&[0x20, 0], &repeat(&[0x41, 3, 0xfd, 0x6c], n), &[0x21, 0]]))),
    },
    Shape {
        name: "loads",
        build: |n| component(&one(&[I32], &[], &cat(&[&[0x20, 0], &repeat(&[0x28, 0, 0], n), &[0x21, 0]]))),
    },
    Shape { name: "stores", build: |n| component(&one(&[I32], &[], &repeat(&[0x20, 0, 0x20, 0, 0x36, 0, 0], n))) },
    Shape {
        name: "memory growth",
        build: |n| component(&one(&[I32], &[], &cat(&[&[0x20, 0], &repeat(&[0x40, 0], n), &[0x21, 0]]))),
    },
    Shape {
        name: "memory copies",
        build: |n| component(&one(&[I32], &[], &repeat(&[0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 10, 0, 0], n))),
    },
    Shape { name: "globals", build: |n| component(&one(&[I32], &[], &repeat(&[0x23, 0, 0x24, 0], n))) },
    Shape {
        name: "calls",
        build: |n| component(&module(&[ty(&[], &[]), ty(&[], &[])], &[(0, code(&[], &repeat(&[0x10, 0], n)))])),
    },
    Shape {
        name: "calls in many functions",
        build: |n| component(&spread_with(&[ty(&[], &[])], repeat(&[0x10, 0], 1000), n)),
    },
    Shape { name: "wide calls", build: |n| component(&wide(&repeat(&[0x10, 0], n))) },
    Shape { name: "wide calls in many functions", build: wide_functions },
    Shape { name: "indirect calls", build: |n| component(&one(&[I32], &[], &repeat(&[0x20, 0, 0x11, 1, 0], n))) },
    Shape { name: "wide indirect calls", build: |n| component(&wide(&repeat(&[0x20, 0, 0x11, 0, 0], n))) },
    Shape {
        name: "branches",
        build: |n| component(&one(&[I32], &[], &cat(&[&[0x02, 0x40], &repeat(&[0x20, 0, 0x0d, 0], n), &[0x0b]]))),
    },
    Shape {
        name: "wide branches",
        build: |n| component(&wide(&cat(&[&[0x02, 0x00], &repeat(&[0x20, 0, 0x0d, 0], n), &[0x0b]]))),
    },
    Shape { name: "wide blocks", build: |n| component(&wide(&repeat(&[0x02, 0x00, 0x0b], n))) },
    Shape { name: "wide loops", build: |n| component(&wide(&repeat(&[0x03, 0x00, 0x0b], n))) },
    Shape { name: "wide conditions", build: |n| component(&wide(&repeat(&[0x20, 0, 0x04, 0x00, 0x05, 0x0b], n))) },
    Shape { name: "branch table", build: |n| component(&one(&[I32], &[], &branch_table(n, 1))) },
    Shape { name: "branch table, as many blocks", build: |n| component(&one(&[I32], &[], &branch_table(n, n))) },
    Shape { name: "wide branch tables", build: wide_tables },
    Shape {
        name: "nested blocks",
        build: |n| {
            component(&one(&[I32], &[], &cat(&[&repeat(&[0x02, 0x40], n), &repeat(&[0x20, 0, 0x0d, 0, 0x0b], n)])))
        },
    },
    Shape {
        name: "nested loops",
        build: |n| {
            component(&one(&[I32], &[], &cat(&[&repeat(&[0x03, 0x40], n), &repeat(&[0x20, 0, 0x0d, 0, 0x0b], n)])))
        },
    },
    Shape {
        name: "locals over loops",
        build: |n| component(&one(&[I32], &[(n as u32, I32)], &cat(&[&repeat(&[0x03, 0x40], n), &repeat(&[0x0b], n)]))),
    },
    Shape {
        name: "locals over conditions",
        build: |n| component(&one(&[I32], &[(n as u32, I32)], &repeat(&[0x20, 0, 0x04, 0x40, 0x05, 0x0b], n))),
    },
    Shape { name: "locals set in conditions", build: locals_set },
    Shape { name: "locals set in a table", build: locals_in_table },
    Shape { name: "locals set in nested loops", build: locals_in_loops },
    Shape {
        name: "50,000 locals in many functions",
        build: |n| component(&module(&[ty(&[], &[])], &vec![(0, code(&[(50_000, I32)], &[])); n])),
    },
    Shape {
        name: "stack over loops",
        build: |n| component(&one(&[I32], &[], &stack_over(n, n, &[0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b]))),
    },
    Shape {
        name: "stack over conditions",
        build: |n| component(&one(&[I32], &[], &stack_over(n, n, &[0x20, 0, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0b]))),
    },
    Shape {
        name: "stack over calls",
        build: |n| component(&one(&[I32], &[], &stack_over(n, n, &[0x41, 0, 0x11, 1, 0]))),
    },
    Shape { name: "types", build: |n| component(&module(&vec![ty(&[I32; 100], &[]); n], &[])) },
    Shape {
        name: "different types",
        build: |n| component(&module(&(0..n).map(|i| ty(&bits(i, 24), &[])).collect::<Vec<_>>(), &[])),
    },
    Shape { name: "exported wide functions", build: exported },
    Shape { name: "imports", build: imports },
    Shape { name: "exports", build: exports },
    Shape {
        name: "globals of a module",
        build: |n| component(&Module { globals: n, ..Module::new() }.encode(&[ty(&[], &[])], &[])),
    },
    Shape {
        name: "data",
        build: |n| component(&Module { data: vec![(0, vec![1; n])], ..Module::new() }.encode(&[ty(&[], &[])], &[])),
    },
    Shape {
        name: "data segments",
        build: |n| component(&Module { data: vec![(0, vec![1]); n], ..Module::new() }.encode(&[ty(&[], &[])], &[])),
    },
    Shape {
        name: "sparse data in many memories",
        build: |n| {
            component(
                &Module { memories: n, data: (0..n as u32).map(|_| (16 << 20, vec![1])).collect(), ..Module::new() }
                    .encode(&[ty(&[], &[])], &[]),
            )
        },
    },
    Shape { name: "sparse data in many modules", build: sparse_modules },
    Shape {
        name: "elements",
        build: |n| {
            component(
                &Module { elements: vec![n], table: n as u32, ..Module::new() }
                    .encode(&[ty(&[], &[])], &[(0, code(&[], &[]))]),
            )
        },
    },
    Shape {
        name: "element segments",
        build: |n| {
            component(&Module { elements: vec![1; n], ..Module::new() }.encode(&[ty(&[], &[])], &[(0, code(&[], &[]))]))
        },
    },
    Shape {
        name: "large tables",
        build: |n| {
            component(
                &Module { tables: n, table: 1_000_000, elements: vec![1], ..Module::new() }
                    .encode(&[ty(&[], &[])], &[(0, code(&[], &[]))]),
            )
        },
    },
    Shape { name: "modules", build: |n| raw(&repeat(&section(1, &one(&[I32], &[], &[])), n)) },
    Shape {
        name: "instances of a module",
        build: |n| raw(&cat(&[&section(1, &one(&[I32], &[], &[])), &section(2, &vector(&vec![vec![0, 0, 0]; n]))])),
    },
    Shape { name: "doubled instances", build: doubled },
    Shape { name: "lifted functions", build: lifted },
    Shape { name: "adapters", build: adapters },
];

/// Type 0 takes and gives 1,000 numbers, and so does function 0; the body begins and ends with as many on the stack.
fn wide(body: &[u8]) -> Vec<u8> {
    let gets: Vec<u8> = (0..1000).flat_map(|i| cat(&[&[0x20], &leb(i)])).collect();
    module(&[ty(&[I32; 1000], &[I32; 1000])], &[(0, code(&[], &cat(&[&gets, body])))])
}

fn wide_functions(n: usize) -> Vec<u8> {
    let gets: Vec<u8> = (0..1000).flat_map(|i| cat(&[&[0x20], &leb(i)])).collect();
    component(&module(&[ty(&[I32; 1000], &[I32; 1000])], &vec![(0, code(&[], &cat(&[&gets, &[0x10, 0]]))); n]))
}

fn live_body(n: usize) -> Vec<u8> {
    cat(&[&repeat(&[0x20, 0, 0x28, 0, 0], n), &repeat(&[0x6a], n - 1), &[0x21, 0]])
}

/// Values that are all live at once, in one block.
fn live_values(n: usize) -> Vec<u8> {
    component(&one(&[I32], &[], &live_body(n)))
}

/// As many values on the stack, below as many times the same code.
fn stack_over(values: usize, times: usize, code: &[u8]) -> Vec<u8> {
    cat(&[&repeat(&[0x20, 0, 0x28, 0, 0], values), &repeat(code, times), &repeat(&[0x6a], values - 1), &[0x21, 0]])
}

/// Half of them set in each branch, so that each is a parameter of the block after it.
fn locals_set(n: usize) -> Vec<u8> {
    let sets: Vec<u8> = (1..=n as u32).flat_map(|i| cat(&[&[0x41, 1, 0x21], &leb(i)])).collect();
    let branch = cat(&[&[0x20, 0, 0x04, 0x40], &sets, &[0x0b]]);
    let gets: Vec<u8> = (1..=n as u32).flat_map(|i| cat(&[&[0x20], &leb(i), &[0x24, 0]])).collect();
    component(&one(&[I32], &[(n as u32, I32)], &cat(&[&repeat(&branch, n), &gets])))
}

/// As many locals, all set in each of as many nested loops, so that each is a parameter of every loop.
fn locals_in_loops(n: usize) -> Vec<u8> {
    let sets: Vec<u8> = (1..=n as u32).flat_map(|i| cat(&[&[0x20], &leb(i), &[0x28, 0, 0, 0x21], &leb(i)])).collect();
    let body = cat(&[&repeat(&[0x03, 0x40], n), &sets, &repeat(&[0x20, 0, 0x0d, 0, 0x0b], n)]);
    component(&one(&[I32], &[(n as u32, I32)], &body))
}

/// Each arm of a table sets one of as many locals, in a loop: all of them meet in its head.
fn locals_in_table(n: usize) -> Vec<u8> {
    let mut body = vec![0x03, 0x40];
    body.extend(repeat(&[0x02, 0x40], n + 1));
    body.extend(cat(&[&[0x20, 0, 0x0e], &leb(n as u32), &(0..=n as u32).flat_map(leb).collect::<Vec<_>>(), &[0x0b]]));
    for i in 0..n as u32 {
        body.extend(cat(&[
            &[0x20],
            &leb(i + 1),
            &[0x28, 0, 0, 0x21],
            &leb(i + 1),
            &[0x0c],
            &leb(n as u32 - i),
            &[0x0b],
        ]));
    }
    body.extend([0x0b]);
    let gets: Vec<u8> = (1..=n as u32).flat_map(|i| cat(&[&[0x20], &leb(i), &[0x24, 0]])).collect();
    component(&one(&[I32], &[(n as u32, I32)], &cat(&[&body, &gets])))
}

fn branch_table(targets: usize, blocks: usize) -> Vec<u8> {
    let table: Vec<u8> = (0..=targets).flat_map(|i| leb((i % blocks) as u32)).collect();
    cat(&[&repeat(&[0x02, 0x40], blocks), &[0x20, 0, 0x0e], &leb(targets as u32), &table, &repeat(&[0x0b], blocks)])
}

/// Tables of 10 targets to as many blocks that take 1,000 values each.
fn wide_tables(n: usize) -> Vec<u8> {
    let table: Vec<u8> = (0..=9).flat_map(leb).collect();
    let dispatch = cat(&[&[0x20, 0, 0x0e, 9], &table]);
    let once = cat(&[&repeat(&[0x02, 0x00], 10), &dispatch, &repeat(&[0x0b], 10)]);
    component(&wide(&repeat(&once, n)))
}

fn exported(n: usize) -> Vec<u8> {
    let function = (0, code(&[], &[0x00]));
    component(&Module { exports: n, ..Module::new() }.encode(&[ty(&[I32; 1000], &[I32; 1000])], &vec![function; n]))
}

fn imports(n: usize) -> Vec<u8> {
    component(&Module { imports: n, ..Module::new() }.encode(&[ty(&[], &[])], &[(0, code(&[], &[]))]))
}

fn exports(n: usize) -> Vec<u8> {
    component(&Module { exports: n, ..Module::new() }.encode(&[ty(&[], &[])], &[(0, code(&[], &[]))]))
}

fn sparse_modules(n: usize) -> Vec<u8> {
    let module = Module { data: vec![(15 << 20, vec![1])], ..Module::new() }.encode(&[ty(&[], &[])], &[]);
    raw(&repeat(&section(1, &module), n))
}

/// A component that has each component instantiate the one within it twice.
fn doubled(n: usize) -> Vec<u8> {
    let mut inner = cat(&[&section(1, &one(&[I32], &[], &[])), &section(2, &vector(&[vec![0, 0, 0]]))]);
    for _ in 0..n {
        inner = cat(&[&section(4, &cat(&[HEADER, &inner])), &section(5, &vector(&[vec![0, 0, 0], vec![0, 0, 0]]))]);
    }
    raw(&inner)
}

/// A core function lifted as many times, which needs a trampoline for each.
fn lifted(n: usize) -> Vec<u8> {
    let module = Module { exports: 1, ..Module::new() }.encode(&[ty(&[I32; 16], &[])], &[(0, code(&[], &[]))]);
    let params: Vec<Vec<u8>> = (0..16_u8).map(|i| cat(&[&sized(&[b'a' + i]), &[0x79]])).collect();
    raw(&cat(&[
        &section(1, &module),
        &section(2, &vector(&[vec![0, 0, 0]])),
        &section(6, &vector(&[cat(&[&[0, 0, 1, 0], &sized(b"0")])])),
        &section(7, &vector(&[cat(&[&[0x40], &vector(&params), &[0x01, 0x00]])])),
        &section(8, &vector(&vec![vec![0, 0, 0, 0, 0]; n])),
        &section(
            11,
            &vector(
                &(0..n)
                    .map(|i| cat(&[&[0], &sized(format!("f{i}").as_bytes()), &[1], &leb(i as u32), &[0]]))
                    .collect::<Vec<_>>(),
            ),
        ),
    ]))
}

/// Functions lifted, and lowered again for another component: each has an adapter compiled for it.
fn adapters(n: usize) -> Vec<u8> {
    let params: Vec<Vec<u8>> = (0..16_u8).map(|i| cat(&[&sized(&[b'a' + i]), &[0x79]])).collect();
    let params = vector(&params);
    let module = Module { exports: 1, ..Module::new() }.encode(&[ty(&[I32; 16], &[])], &[(0, code(&[], &[]))]);
    let inner = cat(&[
        HEADER,
        &section(1, &module),
        &section(2, &vector(&[vec![0, 0, 0]])),
        &section(6, &vector(&[cat(&[&[0, 0, 1, 0], &sized(b"0")])])),
        &section(7, &vector(&[cat(&[&[0x40], &params, &[0x01, 0x00]])])),
        &section(8, &vector(&[vec![0, 0, 0, 0, 0]])),
        &section(11, &vector(&[cat(&[&[0], &sized(b"f"), &[1, 0, 0]])])),
    ]);
    let user = Module { imports: n, ..Module::new() }.encode(&[ty(&[I32; 16], &[])], &[]);
    let exported: Vec<Vec<u8>> =
        (0..n).map(|i| cat(&[&sized(i.to_string().as_bytes()), &[0], &leb(i as u32)])).collect();
    let importing = cat(&[
        HEADER,
        &section(7, &vector(&[cat(&[&[0x40], &params, &[0x01, 0x00]])])),
        &section(10, &vector(&[cat(&[&[0], &sized(b"f"), &[1, 0]])])),
        &section(8, &vector(&vec![vec![1, 0, 0, 0]; n])),
        &section(1, &user),
        &section(2, &vector(&[cat(&[&[1], &vector(&exported)]), cat(&[&[0, 0, 1], &sized(b"m"), &[0x12, 0]])])),
    ]);
    raw(&cat(&[
        &section(4, &inner),
        &section(4, &importing),
        &section(5, &vector(&[vec![0, 0, 0]])),
        &section(6, &vector(&[cat(&[&[1, 0, 0], &sized(b"f")])])),
        &section(5, &vector(&[cat(&[&[0, 1, 1], &sized(b"f"), &[1, 0]])])),
    ]))
}
