(component (instance $e) (export "accellis:scoresheet/source@0.2.0" (instance $e)) (export "accellis:scoresheet/metrics@0.2.0" (instance $e)))
