"""Every colour, size and duration of the design, as CSS custom properties. Nothing else names a literal one.

Colours are Radix Colors 3 (MIT): twelve steps each, light and dark. Pages and styles use the roles below them, never
the steps, so that both themes stay right together.
"""

_SCALES = {
    "slate": (
        "fcfcfd f9f9fb f0f0f3 e8e8ec e0e1e6 d9d9e0 cdced6 b9bbc6 8b8d98 80838d 60646c 1c2024",
        "111113 18191b 212225 272a2d 2e3135 363a3f 43484e 5a6169 696e77 777b84 b0b4ba edeef0",
    ),
    "indigo": (
        "fdfdfe f7f9ff edf2fe e1e9ff d2deff c1d0ff abbdf9 8da4ef 3e63dd 3358d4 3a5bc7 1f2d5c",
        "11131f 141726 182449 1d2e62 253974 304384 3a4f97 435db1 3e63dd 5472e4 9eb1ff d6e1ff",
    ),
    "green": (
        "fbfefc f4fbf6 e6f6eb d6f1df c4e8d1 adddc0 8eceaa 5bb98b 30a46c 2b9a66 218358 193b2d",
        "0e1512 121b17 132d21 113b29 174933 20573e 28684a 2f7c57 30a46c 33b074 3dd68c b1f1cb",
    ),
    "amber": (
        "fefdfb fefbe9 fff7c2 ffee9c fbe577 f3d673 e9c162 e2a336 ffc53d ffba18 ab6400 4f3422",
        "16120c 1d180f 302008 3f2700 4d3000 5c3d05 714f19 8f6424 ffc53d ffd60a ffca16 ffe7b3",
    ),
    "red": (
        "fffcfc fff7f7 feebec ffdbdc ffcdce fdbdbe f4a9aa eb8e90 e5484d dc3e42 ce2c31 641723",
        "191111 201314 3b1219 500f1c 611623 72232d 8c333a b54548 e5484d ec5d5e ff9592 ffd1d9",
    ),
}

_ROLES = {
    "page": "var(--slate-2)",
    "surface": "#ffffff",
    "sunken": "var(--slate-3)",
    "hover": "var(--slate-3)",
    "pressed": "var(--slate-4)",
    "line": "var(--slate-5)",
    "line-strong": "var(--slate-7)",
    "text": "var(--slate-12)",
    "text-quiet": "var(--slate-11)",
    "mark-quiet": "var(--slate-9)",
    "accent": "var(--indigo-9)",
    "accent-hover": "var(--indigo-10)",
    "on-accent": "#ffffff",
    "accent-text": "var(--indigo-11)",
    "accent-soft": "var(--indigo-3)",
    "accent-line": "var(--indigo-7)",
    "focus": "var(--indigo-9)",
    "found": "var(--amber-4)",
    "paper": "#ffffff",  # pages are white in both themes
    "paper-line": "#d9d9e0",
    "paper-text": "#60646c",
    "paper-found": "#fbe577",
    "veil": "rgb(17 17 19 / 0.4)",
    "shadow-float": "0 8px 24px rgb(17 17 19 / 0.12), 0 0 0 1px rgb(17 17 19 / 0.06)",
} | {
    f"{role}{suffix}": f"var(--{colour}-{step})"
    for role, colour in {"good": "green", "warn": "amber", "bad": "red"}.items()
    for suffix, step in {"": 9, "-mark": 11, "-soft": 3, "-line": 6, "-text": 12}.items()
}

_DARK_ROLES = {
    "page": "var(--slate-1)",
    "surface": "var(--slate-2)",
    "focus": "var(--indigo-11)",
    "accent-hover": "var(--indigo-8)",
    "found": "var(--amber-5)",
    "veil": "rgb(0 0 0 / 0.6)",
    "shadow-float": "0 8px 24px rgb(0 0 0 / 0.5), 0 0 0 1px var(--slate-6)",
}

_SIZES = {
    "font": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    "font-code": 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
    "text-body": "14px",
    "line-body": "20px",
    "text-small": "12px",
    "line-small": "16px",
    "text-title": "20px",
    "line-title": "28px",
    "text-number": "28px",
    "line-number": "36px",
    "text-touch": "16px",  # iOS zooms into a smaller field
    "weight": "400",
    "weight-medium": "500",
    "weight-strong": "600",
    **{f"space-{step}": f"{size}px" for step, size in enumerate((4, 8, 12, 16, 24, 32), start=1)},
    "radius": "8px",
    "hairline": "1px",
    "ring": "2px",
    "icon": "16px",
    "control": "32px",
    "control-small": "28px",
    "touch": "40px",
    "row": "52px",
    "topbar": "56px",
    "sidebar": "232px",
    "sidebar-narrow": "56px",
    "bottombar": "56px",
    "content": "1200px",
    "search": "360px",
    "float": "280px",
    "tray": "380px",
    "dialog": "440px",
    "palette": "600px",
    "wide": "760px",
    "aside": "380px",
    "form": "400px",
    "chart": "120px",
    "fast": "120ms",
    "slow": "180ms",
    "ease": "cubic-bezier(0.2, 0, 0, 1)",
    "layer-page": "5",
    "layer-bar": "10",
    "layer-float": "20",
    "layer-notice": "30",
    "layer-drop": "40",
}


def _properties(values: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def _steps(theme: int) -> dict[str, str]:
    return {
        f"{name}-{step}": f"#{colour}"
        for name, scale in _SCALES.items()
        for step, colour in enumerate(scale[theme].split(), start=1)
    }


def stylesheet() -> str:
    """The tokens as CSS. `.dark` is set on the root before the first paint; touch screens get larger targets."""
    light = _properties(_SIZES | _steps(0) | _ROLES)
    dark = _properties(_steps(1) | _DARK_ROLES)
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f":root.dark{{color-scheme:dark;{dark}}}\n"
        "@media (max-width:639px),(pointer:coarse){:root{--control:var(--touch);--control-small:var(--touch)}}\n"
        "@media (prefers-reduced-motion:reduce){:root{--fast:0ms;--slow:0ms}}\n"
    )
