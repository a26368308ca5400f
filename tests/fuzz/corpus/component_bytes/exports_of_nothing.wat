(component (instance $e) (export "accellis:scoresheet/source@0.1.0" (instance $e)) (export "accellis:scoresheet/metrics@0.1.0" (instance $e)))
