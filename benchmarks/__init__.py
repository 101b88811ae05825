"""The engine beside what else one might take, on the same months: ``python -m benchmarks``. Never asserted in tests."""
