"""What makes what others get: stubs, recorded answers, the handout, Gradescope's zip."""
