//! Instructions as data, group by group: code, the registers before and after it. Codes are those
//! of an assembler; what they do stands in Intel's manual, volume 2.

use proptest::prelude::*;

use super::flags::Flags;
use super::instruction::{EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP};
use super::{Fault, Machine, Stop};

const BASE: u32 = 0x40_0000;
const CODE: u32 = BASE + 0x1000;
const DATA: u32 = BASE + 0x2000;

/// A machine with `code`, some data and nothing else.
fn machine(code: &[u8]) -> Machine {
    let mut image = vec![0; 0x4000];
    image[0x1000..0x1000 + code.len()].copy_from_slice(code);
    for (place, value) in image[0x2000..0x2100].iter_mut().zip(0..=255) {
        *place = value;
    }
    Machine::new(bytes::Bytes::new(), BASE, image, 0x1000, 1 << 20)
}

/// Runs `code` up to `hlt`.
fn run(code: &[u8], before: Registers<'_>) -> Machine {
    let mut machine = machine(&[code, &[0xf4]].concat());
    for (register, value) in before {
        machine.set_register(*register, *value);
    }
    for _ in 0..10_000 {
        if let Err(stop) = machine.step() {
            assert_eq!(stop, Stop::Fault(Fault::Privileged), "{code:02x?}");
            return machine;
        }
    }
    panic!("no end: {code:02x?}");
}

/// Registers and what is in them.
type Registers<'a> = &'a [(u8, u32)];

fn check(rows: &[(&[u8], Registers<'_>, Registers<'_>)]) {
    for (code, before, after) in rows {
        let machine = run(code, before);
        for (register, want) in *after {
            let have = machine.register(*register);
            assert_eq!(have, *want, "{code:02x?}: register {register} is {have:x}");
        }
    }
}

#[test]
fn moves() {
    check(&[
        (&[0xb8, 1, 2, 3, 4], &[], &[(EAX, 0x0403_0201)]),
        (&[0x66, 0xb8, 1, 2], &[(EAX, 0xffff_ffff)], &[(EAX, 0xffff_0201)]),
        (&[0xb4, 7], &[(EAX, 0xffff_ffff)], &[(EAX, 0xffff_07ff)]),
        (&[0x89, 0xd8], &[(EBX, 9)], &[(EAX, 9)]),
        (&[0x8b, 0x03], &[(EBX, DATA + 4)], &[(EAX, 0x0706_0504)]),
        (&[0x8a, 0x63, 0x10], &[(EBX, DATA), (EAX, 0)], &[(EAX, 0x1000)]),
        (&[0x8b, 0x84, 0x8b, 8, 0, 0, 0], &[(EBX, DATA), (ECX, 2)], &[(EAX, 0x1312_1110)]),
        (&[0xa1, 0, 0x20, 0x40, 0], &[], &[(EAX, 0x0302_0100)]),
        (&[0xa3, 0, 0x20, 0x40, 0, 0x8b, 0x0b], &[(EBX, DATA), (EAX, 5)], &[(ECX, 5)]),
        (&[0xc6, 0x03, 9, 0x0f, 0xb6, 0x03], &[(EBX, DATA)], &[(EAX, 9)]),
        (&[0x0f, 0xbe, 0xc3], &[(EBX, 0x80)], &[(EAX, 0xffff_ff80)]),
        (&[0x0f, 0xb7, 0xc3], &[(EBX, 0xffff_8000)], &[(EAX, 0x8000)]),
        (&[0x8d, 0x44, 0x8b, 0xfc], &[(EBX, 100), (ECX, 3)], &[(EAX, 108)]),
        (&[0x91], &[(EAX, 1), (ECX, 2)], &[(EAX, 2), (ECX, 1)]),
        (&[0x87, 0x03], &[(EAX, 1), (EBX, DATA)], &[(EAX, 0x0302_0100)]),
        (&[0x0f, 0xc8], &[(EAX, 0x0102_0304)], &[(EAX, 0x0403_0201)]),
        (&[0xd7], &[(EBX, DATA), (EAX, 0x105)], &[(EAX, 0x105)]),
        (&[0x0f, 0x44, 0xc1, 0x39, 0xc0, 0x0f, 0x44, 0xd1], &[(ECX, 3), (EDX, 4)], &[(EDX, 3)]),
        (&[0x67, 0x8d, 0x40, 5], &[(EBX, 0x1_0001), (ESI, 2)], &[(EAX, 8)]),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        (&[0x01, 0xd8], &[(EAX, 2), (EBX, 3)], &[(EAX, 5)]),
        (&[0x83, 0xc0, 0xff], &[(EAX, 1)], &[(EAX, 0)]),
        (&[0x2c, 1], &[(EAX, 0x100)], &[(EAX, 0x1ff)]),
        (&[0xf9, 0x11, 0xd8], &[(EAX, 1), (EBX, 1)], &[(EAX, 3)]),
        (&[0xf9, 0x1b, 0xc0], &[(EAX, 9)], &[(EAX, u32::MAX)]),
        (&[0x33, 0xc0, 0x40, 0x48, 0x48], &[], &[(EAX, u32::MAX)]),
        (&[0xf7, 0xd8], &[(EAX, 1)], &[(EAX, u32::MAX)]),
        (&[0xf6, 0xd0], &[(EAX, 0)], &[(EAX, 0xff)]),
        (&[0xf7, 0xe3], &[(EAX, 1 << 31), (EBX, 4)], &[(EAX, 0), (EDX, 2)]),
        (&[0xf7, 0xeb], &[(EAX, 3), (EBX, u32::MAX)], &[(EAX, -3i32 as u32), (EDX, u32::MAX)]),
        (&[0x6b, 0xc3, 0xfe], &[(EBX, 5)], &[(EAX, -10i32 as u32)]),
        (&[0xf7, 0xf3], &[(EAX, 7), (EDX, 1), (EBX, 16)], &[(EAX, 0x1000_0000), (EDX, 7)]),
        (&[0xf7, 0xfb], &[(EAX, -7i32 as u32), (EDX, u32::MAX), (EBX, 2)], &[(EAX, -3i32 as u32)]),
        (&[0xf6, 0xf3], &[(EAX, 0x105), (EBX, 0x10)], &[(EAX, 0x0510)]),
        (&[0x99], &[(EAX, 1 << 31)], &[(EDX, u32::MAX)]),
        (&[0x98], &[(EAX, 0x8000)], &[(EAX, 0xffff_8000)]),
        (&[0x0f, 0xc1, 0xd8], &[(EAX, 1), (EBX, 2)], &[(EAX, 3), (EBX, 1)]),
        (&[0x0f, 0xb1, 0xd9], &[(EAX, 1), (ECX, 1), (EBX, 9)], &[(ECX, 9)]),
        (&[0x0f, 0xb1, 0xd9], &[(EAX, 1), (ECX, 2), (EBX, 9)], &[(EAX, 2), (ECX, 2)]),
        (&[0x04, 0x05, 0x27], &[(EAX, 0x09)], &[(EAX, 0x14)]),
        (&[0x37], &[(EAX, 0x0c)], &[(EAX, 0x0102)]),
        (&[0xd4, 10], &[(EAX, 37)], &[(EAX, 0x0307)]),
        (&[0xd5, 10], &[(EAX, 0x0307)], &[(EAX, 37)]),
    ]);
}

#[test]
fn bits() {
    check(&[
        (&[0xc1, 0xe0, 4], &[(EAX, 0x1234_5678)], &[(EAX, 0x2345_6780)]),
        (&[0xd3, 0xc8], &[(EAX, 0x12), (ECX, 0x24)], &[(EAX, 0x2000_0001)]),
        (&[0xd0, 0xe8, 0x11, 0xdb], &[(EAX, 3), (EBX, 0)], &[(EAX, 1), (EBX, 1)]),
        (&[0x0f, 0xa5, 0xd8], &[(EAX, 1), (EBX, 0xff << 24), (ECX, 8)], &[(EAX, 0x1ff)]),
        (&[0x0f, 0xac, 0xd8, 4], &[(EAX, 0x21), (EBX, 3)], &[(EAX, 0x3000_0002)]),
        (&[0x0f, 0xba, 0xe8, 5], &[(EAX, 0)], &[(EAX, 32)]),
        (&[0x0f, 0xb3, 0xc8], &[(EAX, 7), (ECX, 33)], &[(EAX, 5)]),
        (&[0x0f, 0xab, 0x0b, 0x8b, 0x43, 4], &[(EBX, DATA), (ECX, 35)], &[(EAX, 0x0706_050c)]),
        (&[0x0f, 0xbc, 0xc3], &[(EBX, 0x50)], &[(EAX, 4)]),
        (&[0x0f, 0xbd, 0xc3], &[(EBX, 0x50)], &[(EAX, 6)]),
        (&[0x0f, 0x92, 0xc0], &[(EAX, 0x55)], &[(EAX, 0)]),
        (&[0xf9, 0xd6], &[(EAX, 0)], &[(EAX, 0xff)]),
        (&[0xa9, 0, 0, 0, 0x80, 0x78, 1, 0x40], &[(EAX, 1 << 31)], &[(EAX, 1 << 31)]),
    ]);
}

#[test]
fn the_stack() {
    let top = machine(&[]).register(ESP);
    check(&[
        (&[0x50, 0x5b], &[(EAX, 5)], &[(EBX, 5), (ESP, top)]),
        (&[0x6a, 0xff, 0x58], &[], &[(EAX, u32::MAX)]),
        (&[0x60, 0x31, 0xdb, 0x61], &[(EBX, 7)], &[(EBX, 7), (ESP, top)]),
        (&[0x54, 0x58], &[], &[(EAX, top)]),
        // What is counted from the stack is so after the stack has moved.
        (&[0x6a, 7, 0x6a, 9, 0x8f, 0x04, 0x24, 0x58], &[], &[(EAX, 9), (ESP, top)]),
        (&[0x9c, 0x58], &[], &[(EAX, 0x246)]),
        (&[0x68, 0x43, 0, 0, 0, 0x9d, 0x9f], &[(EAX, 0)], &[(EAX, 0x4300)]),
        (&[0xc8, 8, 0, 0, 0xc9], &[(EBP, 3)], &[(EBP, 3), (ESP, top)]),
        (&[0x66, 0x50, 0x66, 0x5b], &[(EAX, 0xffff), (EBX, 1 << 16)], &[(EBX, 0x1_ffff)]),
    ]);
}

#[test]
fn jumps() {
    check(&[
        (&[0xeb, 1, 0x40, 0x40], &[(EAX, 0)], &[(EAX, 1)]),
        (&[0xe8, 1, 0, 0, 0, 0xf4, 0x58], &[], &[(EAX, CODE + 5)]),
        (&[0x31, 0xc0, 0x40, 0xe2, 0xfd], &[(ECX, 5)], &[(EAX, 5), (ECX, 0)]),
        (&[0xe3, 1, 0x40], &[(EAX, 0), (ECX, 0)], &[(EAX, 0)]),
        (&[0x0f, 0x84, 1, 0, 0, 0, 0x40], &[(EAX, 0)], &[(EAX, 0)]),
        (&[0xff, 0xe0, 0xf4, 0x43], &[(EAX, CODE + 3), (EBX, 0)], &[(EBX, 1)]),
        (&[0x68, 7, 0x10, 0x40, 0, 0xc3, 0xf4, 0x43], &[(EBX, 0)], &[(EBX, 1)]),
        (&[0xff, 0xd0, 0xf4, 0x43, 0xc2, 0, 0], &[(EAX, CODE + 4), (EBX, 0)], &[(EBX, 0)]),
    ]);
}

#[test]
fn strings() {
    let start: Registers<'_> = &[(ESI, DATA), (EDI, DATA + 0x200), (ECX, 3), (EAX, 0x41)];
    let (esi, edi) = (DATA, DATA + 0x200);
    check(&[
        (&[0xf3, 0xa5], start, &[(ECX, 0), (ESI, esi + 12), (EDI, edi + 12)]),
        (&[0xf3, 0xa4, 0x8b, 0x47, 0xfd], start, &[(EAX, 0x0002_0100)]),
        (&[0xfd, 0xf3, 0xaa], start, &[(ECX, 0), (EDI, edi - 3)]),
        (&[0xac, 0xad], start, &[(EAX, 0x0403_0201), (ESI, esi + 5)]),
        (&[0xf2, 0xae], &[(EDI, DATA), (ECX, 9), (EAX, 4)], &[(ECX, 4), (EDI, DATA + 5)]),
        (&[0xf3, 0xa6], &[(ESI, DATA), (EDI, DATA), (ECX, 9)], &[(ECX, 0), (EDI, DATA + 9)]),
        (&[0xf3, 0xa6], &[(ESI, DATA), (EDI, DATA + 1), (ECX, 9)], &[(ECX, 8)]),
        (&[0xf3, 0xa4], &[(ECX, 0), (ESI, 0)], &[(ESI, 0)]),
        // More turns than are done at once.
        (&[0xf3, 0xaa], &[(ECX, 0x1800), (EDI, DATA)], &[(ECX, 0), (EDI, DATA + 0x1800)]),
    ]);
}

#[test]
fn faults_reach_their_handlers() {
    // push handler; push fs:[0]; mov fs:[0], esp; FAULT; pop fs:[0]; hlt
    // handler: mov eax, [esp+12]; add dword [eax+0xb8], LEN; mov ecx, [esp+4]; mov ecx, [ecx];
    // mov [eax+0xb0], ecx; xor eax, eax; ret
    for (fault, code) in [
        (&[0xcc][..], 0x8000_0003u32),
        (&[0x0f, 0x0b], 0xc000_001d),
        (&[0xfa], 0xc000_0096),
        (&[0xa1, 0, 0, 0, 0], 0xc000_0005),
        (&[0xf6, 0xf1], 0xc000_0094),
        (&[0xf0, 0x90], 0xc000_001d),
        (&[0xcd, 1], 0xc000_0005),
    ] {
        let mut program = vec![0x31, 0xc9, 0x68, 0, 0, 0, 0, 0x64, 0xff, 0x31, 0x64, 0x89, 0x21];
        program.extend_from_slice(fault);
        program.extend([0x64, 0x8f, 0x01, 0xf4]);
        let handler = CODE + program.len() as u32;
        program[3..7].copy_from_slice(&handler.to_le_bytes());
        program.extend([0x8b, 0x44, 0x24, 12, 0x83, 0x80, 0xb8, 0, 0, 0, fault.len() as u8]);
        program.extend([0x8b, 0x4c, 0x24, 4, 0x8b, 0x09, 0x89, 0x88, 0xb0, 0, 0, 0]);
        program.extend([0x31, 0xc0, 0xc3]);
        let mut machine = machine(&program);
        let stop = loop {
            if let Err(stop) = machine.step() {
                break stop;
            }
        };
        assert_eq!(stop, Stop::Fault(Fault::Privileged), "{fault:02x?}");
        let have = machine.register(EAX);
        assert_eq!(have, code, "{fault:02x?}: {have:x}");
    }
}

#[test]
fn functions_answer() {
    let mut machine = machine(&[]);
    let stack = machine.register(ESP) - 0x100;
    let call = |machine: &mut Machine, name: &str, arguments: &[u32]| {
        machine.at = machine.function(Some(name.as_bytes()));
        machine.set_register(ESP, stack);
        machine.memory.write(stack, 4, CODE).unwrap();
        for (at, argument) in (stack + 4..).step_by(4).zip(arguments) {
            machine.memory.write(at, 4, *argument).unwrap();
        }
        machine.step().map(|()| {
            assert_eq!(machine.at, CODE);
            assert_eq!(machine.register(ESP), stack + 4 + 4 * arguments.len() as u32, "{name}");
            machine.register(EAX)
        })
    };
    let first = call(&mut machine, "VirtualAlloc", &[0, 0x1000, 0, 4]).unwrap();
    machine.memory.write(first + 0xffc, 4, 1).unwrap();
    assert_eq!(call(&mut machine, "VirtualAlloc", &[0, u32::MAX, 0, 4]), Ok(0));
    assert_eq!(call(&mut machine, "VirtualFree", &[first, 0, 0x8000]), Ok(1));
    assert!(machine.memory.read(first, 4).is_err());
    assert_eq!(call(&mut machine, "GetModuleHandleA", &[0]), Ok(BASE));
    machine.memory.put(DATA, b"kernel32.dll\0ExitProcess\0\0").unwrap();
    let kernel = call(&mut machine, "LoadLibraryA", &[DATA]).unwrap();
    assert_eq!(machine.memory.read(kernel, 2), Ok(0x5a4d));
    let exit = call(&mut machine, "GetProcAddress", &[kernel, DATA + 13]).unwrap();
    assert_eq!(exit, machine.function(Some(b"ExitProcess")));
    assert_eq!(call(&mut machine, "GetProcAddress", &[kernel, DATA + 25]), Ok(0));
    assert_eq!(call(&mut machine, "ExitProcess", &[0]), Err(Stop::Exit));
    assert_eq!(call(&mut machine, "MessageBoxA", &[0; 4]), Err(Stop::Call));
}

#[test]
fn the_block_of_the_process_leads_to_the_library() {
    // mov eax, fs:[0x30]; mov eax, [eax+12]; mov eax, [eax+12]; mov eax, [eax]; mov eax, [eax];
    // mov eax, [eax+0x18]; movzx eax, word [eax]
    let code = [
        0x64, 0xa1, 0x30, 0, 0, 0, 0x8b, 0x40, 12, 0x8b, 0x40, 12, 0x8b, 0, 0x8b, 0, 0x8b, 0x40,
        0x18, 0x0f, 0xb7, 0,
    ];
    check(&[(&code, &[], &[(EAX, 0x5a4d)])]);
}

proptest! {
    #[test]
    fn any_bytes_run_to_an_end(
        code in prop::collection::vec(any::<u8>(), 1..200),
        registers in prop::collection::vec(any::<u32>(), 8),
        flags in any::<u32>(),
    ) {
        let mut machine = machine(&code);
        for (number, value) in (0..).zip(registers) {
            // Some of them lead to where there is something.
            let value = if value & 1 == 0 { DATA + value % 0x800 } else { value };
            machine.set_register(number, value);
        }
        machine.flags = Flags::from_bits(flags);
        while machine.steps < 20_000 && machine.step().is_ok() {}
        prop_assert!(machine.steps < 20_000 + (1 << 15));
    }
}
