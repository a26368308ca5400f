(component (import "accellis:scoresheet/run" (instance)))
