(component (import "a:b/c@9.9.9" (instance)) (export "x" (instance 0)))
