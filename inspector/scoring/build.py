"""From a recipe to its network, with torch: what the runtimes compile."""

from inspector.errors import RecipeError
from inspector.scoring.backbone import load_backbone
from inspector.scoring.network import PatchNetwork, ScoringNetwork
from inspector.scoring.recipe import Recipe


def scoring_network(recipe: Recipe) -> ScoringNetwork:
    """The recipe's network in evaluation mode. Raises RecipeError when the installed weights are not the recipe's."""
    backbone = load_backbone(recipe.backbone, recipe.blocks)
    if backbone.weights != recipe.weights:
        raise RecipeError(
            f"recipe {recipe.folder} was made with weights {recipe.weights[:12]} of {recipe.backbone}, "
            f"installed are {backbone.weights[:12]}; fit it again or install those"
        )
    bank = recipe.vectors()
    if bank.shape[1] != sum(backbone.channels):
        raise RecipeError(
            f"recipe {recipe.folder}: its bank has {bank.shape[1]} dimensions, "
            f"{recipe.backbone} with blocks {recipe.blocks} gives {sum(backbone.channels)}"
        )
    return ScoringNetwork(PatchNetwork(backbone, recipe.input_size, recipe.stride), bank).eval()
