//! Writes modules and components as bytes: text would take longer to parse than some of them to compile.

pub(super) const I32: u8 = 0x7f;
pub(super) const F64: u8 = 0x7c;
pub(super) const V128: u8 = 0x7b;

pub(super) const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// Instantiates component 0, and exports an empty instance under the contract's names.
pub(super) const TAIL: &[&[u8]] = &[
    // component 0 instantiated: instance 0; an instance of no exports: instance 1
    &[5, 6, 2, 0, 0, 0, 1, 0],
    &[11, 76, 2],
    &[0x00, 32],
    b"accellis:scoresheet/source@0.2.0",
    &[0x05, 1, 0],
    &[0x00, 33],
    b"accellis:scoresheet/metrics@0.2.0",
    &[0x05, 1, 0],
];

pub(super) fn leb(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub(super) fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub(super) fn repeat(bytes: &[u8], n: usize) -> Vec<u8> {
    bytes.repeat(n)
}

pub(super) fn sized(bytes: &[u8]) -> Vec<u8> {
    cat(&[&leb(bytes.len() as u32), bytes])
}

pub(super) fn vector(items: &[Vec<u8>]) -> Vec<u8> {
    cat(&[&leb(items.len() as u32), &items.concat()])
}

pub(super) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    cat(&[&[id], &sized(content)])
}

pub(super) fn ty(params: &[u8], results: &[u8]) -> Vec<u8> {
    cat(&[&[0x60], &sized(params), &sized(results)])
}

pub(super) fn bits(number: usize, count: usize) -> Vec<u8> {
    (0..count).map(|bit| if number >> bit & 1 == 0 { I32 } else { F64 }).collect()
}

/// A function's body: groups of locals, instructions.
pub(super) fn code(locals: &[(u32, u8)], body: &[u8]) -> Vec<u8> {
    let locals: Vec<Vec<u8>> = locals.iter().map(|(count, ty)| cat(&[&leb(*count), &[*ty]])).collect();
    sized(&cat(&[&vector(&locals), body, &[0x0b]]))
}

pub(super) fn signed(value: u32) -> Vec<u8> {
    let mut bytes = leb(value);
    let last = bytes.len() - 1;
    // A set sign bit would make it negative.
    if bytes[last] & 0x40 != 0 {
        bytes[last] |= 0x80;
        bytes.push(0);
    }
    bytes
}

pub(super) fn module(types: &[Vec<u8>], functions: &[(u32, Vec<u8>)]) -> Vec<u8> {
    Module::new().encode(types, functions)
}

/// One function of type 0 with these parameters; type 1 takes and gives nothing.
pub(super) fn one(params: &[u8], locals: &[(u32, u8)], body: &[u8]) -> Vec<u8> {
    module(&[ty(params, &[]), ty(&[], &[])], &[(0, code(locals, body))])
}

/// As many functions of type 0 with the same body.
pub(super) fn spread(body: Vec<u8>, n: usize) -> Vec<u8> {
    spread_with(&[ty(&[I32], &[])], body, n)
}

pub(super) fn spread_with(types: &[Vec<u8>], body: Vec<u8>, n: usize) -> Vec<u8> {
    module(types, &vec![(0, code(&[], &body)); n])
}

/// A component of one module.
pub(super) fn component(module: &[u8]) -> Vec<u8> {
    raw(&section(1, module))
}

/// A component of these sections, whose exports look like the contract's: compiled, and refused only when it is linked.
pub(super) fn raw(sections: &[u8]) -> Vec<u8> {
    cat(&[HEADER, &section(4, &cat(&[HEADER, sections])), &TAIL.concat()])
}

pub(super) struct Module {
    pub(super) memories: usize,
    pub(super) tables: usize,
    pub(super) table: u32,
    pub(super) globals: usize,
    pub(super) elements: Vec<usize>,
    pub(super) data: Vec<(u32, Vec<u8>)>,
    pub(super) imports: usize,
    pub(super) exports: usize,
}

impl Module {
    pub(super) fn new() -> Self {
        Self {
            memories: 1,
            tables: 1,
            table: 1,
            globals: 1,
            elements: Vec::new(),
            data: Vec::new(),
            imports: 0,
            exports: 0,
        }
    }

    pub(super) fn encode(&self, types: &[Vec<u8>], functions: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let many = self.memories > 1;
        let memory = if many { vec![0x00, 0x80, 0x10] } else { vec![0x00, 0x80, 0x02] };
        let data: Vec<Vec<u8>> = self
            .data
            .iter()
            .enumerate()
            .map(|(i, (offset, bytes))| {
                let memory = if many { cat(&[&[2], &leb(i as u32)]) } else { vec![0] };
                cat(&[&memory, &[0x41], &signed(*offset), &[0x0b], &sized(bytes)])
            })
            .collect();
        let elements: Vec<Vec<u8>> =
            self.elements.iter().map(|n| cat(&[&[0, 0x41, 0, 0x0b], &leb(*n as u32), &vec![0; *n]])).collect();
        let imports: Vec<Vec<u8>> =
            (0..self.imports).map(|i| cat(&[&sized(b"m"), &sized(i.to_string().as_bytes()), &[0, 0]])).collect();
        let exports: Vec<Vec<u8>> = (0..self.exports)
            .map(|i| cat(&[&sized(i.to_string().as_bytes()), &[0], &leb((i % functions.len()) as u32)]))
            .collect();
        cat(&[
            b"\0asm\x01\0\0\0",
            &section(1, &vector(types)),
            &section(2, &vector(&imports)),
            &section(3, &vector(&functions.iter().map(|(ty, _)| leb(*ty)).collect::<Vec<_>>())),
            &section(4, &vector(&vec![cat(&[&[0x70, 0], &leb(self.table)]); self.tables])),
            &section(5, &vector(&vec![memory; self.memories])),
            &section(6, &vector(&vec![vec![I32, 1, 0x41, 0, 0x0b]; self.globals])),
            &section(7, &vector(&exports)),
            &section(9, &vector(&elements)),
            &section(10, &vector(&functions.iter().map(|(_, code)| code.clone()).collect::<Vec<_>>())),
            &section(11, &vector(&data)),
        ])
    }
}
