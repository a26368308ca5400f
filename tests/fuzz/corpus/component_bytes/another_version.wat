(component (import "accellis:scoresheet/http@0.9.0" (instance)))
