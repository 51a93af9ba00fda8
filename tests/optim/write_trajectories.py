"""Write trajectories.json: what PyTorch's optimizers do on the tests' problem.

Run by hand, with PyTorch installed (`pip install torch==2.13.0`):

    python tests/optim/write_trajectories.py

The problem is the one in problem.py, in float64.  Every 5th of 40 steps is stored; of
L-BFGS, which is at the minimum by then, every 3rd of 12.
"""

import json
from pathlib import Path

import problem
import torch
from torch.optim import lr_scheduler

STEPS = 40
STORED = range(4, STEPS, 5)
STORED_OF_LBFGS = range(2, 12, 3)


def lbfgs(p, lr, history, search="strong_wolfe"):
    return torch.optim.LBFGS(
        p,
        lr=lr,
        max_iter=1,
        max_eval=26,
        history_size=history,
        line_search_fn=search,
    )


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(
        p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.02
    ),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1, weight_decay=0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, weight_decay=0.01),
    "rmsprop centered": lambda p: torch.optim.RMSprop(
        p, lr=0.01, alpha=0.9, momentum=0.5, centered=True, eps=1e-4
    ),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam settings": lambda p: torch.optim.Adam(
        p, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1
    ),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1),
    "adamax": lambda p: torch.optim.Adamax(p, lr=0.05, weight_decay=0.01),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.05, weight_decay=0.01),
    "lbfgs": lambda p: lbfgs(p, 1.0, 5),
    "lbfgs far": lambda p: lbfgs(p, 20.0, 3),
    "lbfgs near": lambda p: lbfgs(p, 0.01, 3),
    "lbfgs without search": lambda p: lbfgs(p, 0.3, 4, search=None),
}

SCHEDULES = {
    "step": lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.3),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.01),
    "warm-up": lambda o: lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=8),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(
        o, max_lr=0.7, total_steps=STEPS, cycle_momentum=False
    ),
    "piecewise": lambda o: lr_scheduler.MultiStepLR(o, milestones=[5, 20], gamma=0.1),
}


def loss(w, b):
    x, y = torch.tensor(problem.X), torch.tensor(problem.Y)
    error = torch.tanh(x @ w + b) - y
    return torch.mean(error**2) + 0.05 * torch.sum(w**2)


def trajectory(make):
    parameters = [
        torch.tensor(problem.START[name], requires_grad=True) for name in ("w", "b")
    ]
    optimizer = make(parameters)

    def closure():
        optimizer.zero_grad()
        value = loss(*parameters)
        value.backward()
        return value

    points = []
    for _ in range(STEPS):
        optimizer.step(closure)
        points.append({n: p.tolist() for n, p in zip("wb", parameters, strict=True)})
    is_lbfgs = isinstance(optimizer, torch.optim.LBFGS)
    stored = STORED_OF_LBFGS if is_lbfgs else STORED
    return {step: points[step] for step in stored}


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    scheduler = make(optimizer)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)  # else NAdam keeps a product in float32
    written = {
        "torch": torch.__version__,
        "trajectories": {n: trajectory(make) for n, make in OPTIMIZERS.items()},
        "rates": {n: rates(make) for n, make in SCHEDULES.items()},
    }
    path = Path(__file__).with_name("trajectories.json")
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
